"""Uploads in the browser: drag and drop, progress, errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.archives import archive_of, csv_archive, slack_archive
from tests.browser.browsing import Browsing
from tests.browser.places import OPERATIONS
from tests.browser.screens import PHONE
from tests.browser.servers import Server

NEW = f"{OPERATIONS}new/"
OPERATION = re.compile(rf"{OPERATIONS}\d+/change/")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A small CSV archive."""
    csv_archive(tmp_path / "team.zip")
    return tmp_path / "team.zip"


def choose(page: Page, title: str = "CSV archive") -> None:
    """Select an importer and agree to cancel imports of other tests."""
    choice = page.locator("#importer-choice:not([open]) > summary")
    if choice.count():
        choice.click()
    page.get_by_role("radio", name=title).check()
    agree(page)


def send(page: Page) -> None:
    page.get_by_role("button", name="Upload", exact=True).click()


def agree(page: Page) -> None:
    """Agree to cancel imports of other tests."""
    agreement = page.get_by_label("Cancel it and start this import")
    if agreement.count():
        agreement.check()


def drop(page: Page, *names: str) -> None:
    """Simulate dropping files with these names."""
    files = page.evaluate_handle(
        """(names) => {
            const carried = new DataTransfer();
            for (const name of names) {
                carried.items.add(new File(["ann,ann@example.org,Ann\\n"], name));
            }
            return carried;
        }""",
        list(names),
    )
    page.locator("#drop-zone").dispatch_event("drop", {"dataTransfer": files})


def test_a_dropped_file_is_uploaded_and_reported(
    browse: Browsing, import_server: Server
) -> None:
    page = browse(import_server, NEW, person="importer")
    choose(page)
    drop(page, "people.csv")
    expect(page.locator("#chosen")).to_have_text("people.csv, 24 bytes")

    send(page)

    expect(page).to_have_url(OPERATION)
    report = page.get_by_role("region", name="Check report")
    expect(report).to_contain_text("read as a list of users")


def test_the_importer_is_detected_and_asked_for_only_if_it_is_not_clear(
    browse: Browsing, import_server: Server, tmp_path: Path
) -> None:
    browse.watch.ignore("400")
    both = {"users.json": "[]", "channels.json": "[]", "users.csv": "ann,a@b.org\n"}
    page = browse(import_server, NEW, person="importer")
    agree(page)
    expect(page.locator("#importer-selected")).to_have_text("Detected automatically")
    page.locator("#id_file").set_input_files(archive_of(tmp_path / "both", both))
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("Choose the importer.")
    expect(page.get_by_role("radio", name="Slack export")).to_be_visible()
    assert_accessible(page)

    slack_archive(tmp_path / "export")
    page.locator("#id_file").set_input_files(tmp_path / "export")
    send(page)

    expect(page).to_have_url(OPERATION)
    report = page.get_by_role("region", name="Check report")
    expect(report).to_contain_text("This looks like a Slack export with")
    expect(report.get_by_role("link", name="Change importer")).to_be_visible()


def test_a_selected_archive_is_read_at_once(
    browse: Browsing, import_server: Server, archive: Path
) -> None:
    page = browse(import_server, NEW, person="importer", screen=PHONE)
    choose(page)
    page.locator("#id_file").set_input_files(archive)
    send(page)

    expect(page).to_have_url(OPERATION)
    report = page.get_by_role("region", name="Check report")
    expect(report.get_by_role("row", name=re.compile("^Messages"))).to_be_visible(
        timeout=20_000
    )
    assert_accessible(page)
    assert_fits(page)


def test_progress_is_shown_and_can_be_cancelled(
    browse: Browsing, import_server: Server, tmp_path: Path
) -> None:
    large = tmp_path / "large.zip"
    with large.open("wb") as file:
        file.truncate(200_000_000)
    page = browse(import_server, NEW, person="importer")
    choose(page)
    page.locator("#id_file").set_input_files(large)
    # A slow connection: one megabyte per second.
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": 1_000_000,
        },
    )

    send(page)

    bar = page.get_by_role("progressbar", name="Uploading large.zip")
    expect(bar).to_be_visible()
    expect(page.locator("#amount")).to_have_text(re.compile(r"[1-9].* of 190\.7\sMB"))
    expect(page.locator("#left")).to_contain_text("left")
    assert_accessible(page)
    assert_fits(page)
    stored = set((import_server.data / "uploads").glob("incoming-*"))
    assert stored

    page.get_by_role("button", name="Cancel upload").click()

    expect(page.get_by_role("alert")).to_contain_text("No data was kept")
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_visible()


def test_a_lost_connection_is_reported_until_the_upload_continues(
    browse: Browsing, import_server: Server, archive: Path
) -> None:
    browse.watch.ignore("ERR_CONNECTION_RESET")
    page = browse(import_server, NEW, person="importer")
    choose(page)
    page.locator("#id_file").set_input_files(archive)

    def cut(route: Route) -> None:
        if route.request.method == "PUT":
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/new/upload/**", cut)
    send(page)
    expect(page.get_by_role("status")).to_contain_text("continues automatically")
    assert_accessible(page)

    page.unroute("**/new/upload/**")

    expect(page).to_have_url(OPERATION)


def test_an_expired_session_is_reported_before_the_upload(
    browse: Browsing, import_server: Server, archive: Path
) -> None:
    browse.watch.ignore("403")
    page = browse(import_server, NEW, person="importer")
    choose(page)
    page.locator("#id_file").set_input_files(archive)
    page.context.clear_cookies(name="sessionid")

    send(page)

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Your session has expired")
    alert.get_by_role("link", name="Log in again").click()
    expect(page).to_have_url(re.compile(r"/admin/login/\?next=.*new"))


def test_invalid_drops_show_an_error(browse: Browsing, import_server: Server) -> None:
    page = browse(import_server, NEW, person="importer")
    choose(page, "Slack export")

    drop(page, "a.zip", "b.zip")
    expect(page.get_by_role("alert")).to_contain_text(
        "Only one file can be uploaded at a time."
    )

    drop(page, "members.csv")
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator("#chosen")).to_contain_text(
        "Files for this importer usually end in .zip"
    )


def test_the_importer_is_changed_without_a_new_upload(
    browse: Browsing, import_server: Server, tmp_path: Path
) -> None:
    slack_archive(tmp_path / "export.zip")
    page = browse(import_server, NEW, person="importer")
    choose(page)
    page.locator("#id_file").set_input_files(tmp_path / "export.zip")
    send(page)
    report = page.get_by_role("region", name="Check report")
    expect(report.get_by_role("alert")).to_contain_text("This is a Slack export")
    assert_accessible(page)

    report.get_by_role("link", name="Change importer").click()
    assert_accessible(page)
    choose(page, "Slack export")
    page.get_by_role("button", name="Read the file").click()

    expect(page).to_have_url(OPERATION)
    expect(page.get_by_role("row", name="Rooms: public")).to_be_visible()


def test_unknown_columns_are_assigned(
    browse: Browsing, import_server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Kennung;Kontakt\nanja;anja@example.org\nbert;bert@example.org\n")
    page = browse(import_server, NEW, person="importer")
    choose(page)
    page.get_by_label("Choose a file").set_input_files(path)
    send(page)

    page.get_by_role("link", name="Assign columns").click()
    page.get_by_label("Column 1").select_option("Username")
    page.get_by_label("Column 2").select_option("E-mail address")
    page.get_by_label("The first row contains column names.").check()
    assert_accessible(page)
    page.get_by_role("button", name="Read the file").click()

    expect(page).to_have_url(OPERATION)
    expect(page.get_by_role("row", name="Users 2")).to_be_visible(timeout=20_000)


def test_a_rejected_url_shows_an_error_at_the_field(
    browse: Browsing, import_server: Server
) -> None:
    page = browse(import_server, NEW, person="importer")
    choose(page)
    page.get_by_label("Or import from a URL").fill("http://10.0.0.1/x.zip")

    send(page)

    expect(page.locator(".or-address")).to_contain_text("is in a private network")
    expect(page.get_by_role("radio", name="CSV archive")).to_be_checked()


def test_uploads_without_scripts(
    browse: Browsing, import_server: Server, tmp_path: Path
) -> None:
    users = {"users.csv": "ann,ann@example.org,Ann Lee\n", "channels.csv": "x,ann,,\n"}
    archive_of(tmp_path / "team.zip", users)
    page = browse(import_server, NEW, person="importer", screen=PHONE, scripts=False)
    assert_fits(page)
    choose(page)
    page.get_by_label("Choose a file").set_input_files(tmp_path / "team.zip")

    send(page)

    expect(page).to_have_url(OPERATION)
    expect(page.get_by_text("No problems found.")).to_be_visible(timeout=20_000)


def test_the_form_works_with_the_keyboard(
    browse: Browsing, import_server: Server, archive: Path
) -> None:
    page = browse(import_server, NEW, person="importer")
    choose(page)
    file = page.locator("#id_file")
    file.set_input_files(archive)
    file.focus()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Or import from a URL")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#importer-choice > summary")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="CSV archive")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Slack export")).to_be_checked()
    expect(page.locator("#importer-selected")).to_have_text("Slack export")
    for _time in range(3):
        page.keyboard.press("ArrowUp")
        if page.get_by_role("radio", name="Detect automatically").is_checked():
            break
    for _link in page.locator(".importer summary, .importer .template").all():
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_focused()
    page.keyboard.press("Enter")

    expect(page).to_have_url(OPERATION)
    report = page.get_by_role("region", name="Check report")
    expect(report).to_contain_text("This looks like an archive of CSV tables with")
