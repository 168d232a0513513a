"""Complete imports in the browser."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.api import Api
from tests.browser.archives import archive_of, csv_archive, slack_archive
from tests.browser.browsing import Browsing
from tests.browser.migrating import (
    PATIENCE_MS,
    expect_done,
    go_to_selection,
    outcome_of,
    start,
    upload,
)
from tests.browser.places import OPERATIONS, ROOMS
from tests.browser.servers import Server

GHOST = {
    "users.csv": "ann,ann@example.org,Ann Lee\n",
    "channels.csv": "haunted,ann,public,\n",
    "haunted/1.csv": (
        "ann,1600000000000,is somebody here?\nghost,1600000000001,yes\n"
        "ann,yesterday,who?\n"
    ),
}


@pytest.mark.parametrize(
    ("title", "write"), [("CSV archive", csv_archive), ("Slack export", slack_archive)]
)
def test_an_archive_is_imported_from_upload_to_history(
    browse: Browsing, import_server: Server, tmp_path: Path, title: str, write: object
) -> None:
    path = tmp_path / f"move-{title[:3].lower()}.zip"
    assert callable(write)
    write(path)
    page = browse(import_server, OPERATIONS)

    page.get_by_role("link", name="New import").first.click()
    upload(page, path, title)
    report = page.get_by_role("region", name="Check report")
    expect(report).to_be_visible(timeout=PATIENCE_MS)
    go_to_selection(page)
    expect(page.locator(".summary")).to_contain_text("Import summary")
    start(page)
    expect_done(page)

    found, *completed = outcome_of(page, "Messages")
    assert int(found) > 0
    # Another test may have imported the same messages: they are unchanged.
    assert sum(map(int, completed[:3])) > 0
    page.locator("#live-made").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/room/"))
    page.goto(OPERATIONS)
    row = page.locator("#result_list tbody tr").first
    expect(row).to_contain_text(path.name)
    expect(row).to_contain_text("Completed")


def test_a_failed_row_is_retried_after_adding_its_author(
    browse: Browsing, import_server: Server, tmp_path: Path
) -> None:
    page = browse(import_server, OPERATIONS)
    upload(page, archive_of(tmp_path / "haunted.zip", GHOST))
    go_to_selection(page)
    start(page)
    expect_done(page)
    failures = page.locator("#live-failures")
    expect(failures).to_contain_text("Unknown author")
    expect(failures).to_contain_text("haunted/1.csv:2")

    operation = page.url
    page.goto("/admin/accounts/user/add/")
    page.locator("#id_username").fill("ghost")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(r"/user/\d+/change/"))
    page.goto(operation)
    page.get_by_role("link", name="Retry failed records").click()
    page.get_by_role("button", name="Retry failed records").click()

    expect_done(page)
    expect(page.locator(".headline-facts").nth(1)).to_contain_text("Retry of")
    # The row without a valid time fails again.
    assert outcome_of(page, "Messages") == ["2", "1", "0", "0", "0", "1", "0"]


def test_a_failed_row_is_corrected_in_the_downloaded_archive(
    browse: Browsing, import_server: Server, tmp_path: Path
) -> None:
    page = browse(import_server, OPERATIONS)
    upload(page, archive_of(tmp_path / "clock.zip", GHOST))
    go_to_selection(page)
    start(page)
    expect_done(page)

    with page.expect_download() as download:
        page.get_by_role("link", name="Download failed records").click()
    fixed = corrected(download.value.path(), {"yesterday": "1600000000002"})
    upload(page, archive_of(tmp_path / "fixed.zip", fixed))
    go_to_selection(page)
    start(page)

    expect_done(page)
    assert "1" in outcome_of(page, "Messages")[1]
    page.goto(f"{ROOMS}?q=haunted")
    page.locator("#result_list tbody a").first.click()
    expect(page.get_by_text("who?")).to_be_visible()


def corrected(path: Path, changes: dict[str, str]) -> dict[str, str]:
    """Return the entries of an archive with changed cells."""
    entries = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode()
            if name.endswith(".csv"):
                rows = list(csv.reader(io.StringIO(text)))
                out = io.StringIO()
                csv.writer(out).writerows(
                    [changes.get(cell, cell) for cell in row] for row in rows
                )
                text = out.getvalue()
            entries[name] = text
    return entries


def test_an_unsupported_file_shows_an_error(
    browse: Browsing, import_server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "cat.zip"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    page = browse(import_server, OPERATIONS)

    upload(page, path)

    expect(page.locator("#live-help")).to_contain_text(
        "The file is a PNG image", timeout=PATIENCE_MS
    )
    expect(page.get_by_role("link", name="New import")).to_be_visible()


def test_a_migration_without_scripts(
    browse: Browsing, import_server: Server, tmp_path: Path
) -> None:
    csv_archive(tmp_path / "plain.zip")
    page = browse(import_server, OPERATIONS, person="importer", scripts=False)

    upload(page, tmp_path / "plain.zip")
    go_to_selection(page)
    start(page)

    expect_done(page)


def test_two_tabs_follow_an_import_started_through_the_api(
    browse: Browsing, import_server: Server, tmp_path: Path
) -> None:
    csv_archive(tmp_path / "shared.zip")
    api = Api(import_server)
    api.stage(tmp_path / "shared.zip")
    page = browse(import_server, f"{OPERATIONS}?q=shared", person="importer")
    page.locator("#result_list tbody th a").first.click()
    other = page.context.new_page()
    other.goto(page.url)
    for tab in (page, other):
        expect(tab.get_by_role("link", name="Review and import")).to_be_visible()

    api.start()

    for tab in (page, other):
        tab.bring_to_front()
        expect_done(tab)
