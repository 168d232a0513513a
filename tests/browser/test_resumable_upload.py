"""Uploads in the browser that continue after a lost connection, a pause or a reload."""

from __future__ import annotations

import hashlib
import os
import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.browsing import Browsing
from tests.browser.screens import PHONE
from tests.browser.servers import Server
from tests.browser.test_new_import import NEW, OPERATION, agree, send
from tests.imports_app.commands.test_serve import descendants_of
from tests.live import wait_for

ROWS = 500_000
RATE = 4_000_000
"""Bytes per second of the slow connection."""


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of users of about 20 MB: several parts."""
    path = tmp_path_factory.mktemp("files") / "people.csv"
    with path.open("w") as file:
        file.write("username,email\n")
        for number in range(ROWS):
            file.write(f"user{number:07},user{number:07}@example.org\n")
    return path


def slow_down(page: Page) -> None:
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": RATE,
        },
    )


def begin(page: Page, file: Path) -> None:
    """Start the upload, and wait until the server has received a part."""
    agree(page)
    page.locator("#id_file").set_input_files(file)
    send(page)
    expect(page.locator("#percent")).to_have_text(re.compile(r"^[4-9]\d%"))


def assert_same(server: Server, file: Path) -> None:
    """Check that a stored upload has the digest of the file."""
    wanted = hashlib.sha256(file.read_bytes()).hexdigest()
    stored = [
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (server.data / "uploads").iterdir()
        if path.stat().st_size == file.stat().st_size
    ]
    assert wanted in stored


def kill_web_process(server: Server) -> None:
    """Kill the processes that serve requests; the supervisor starts new ones."""
    for pid in descendants_of(server.process.pid):
        command = Path(f"/proc/{pid}/cmdline")
        if command.exists() and b"granian" in command.read_bytes():
            os.kill(pid, signal.SIGKILL)


def test_an_upload_continues_after_the_server_was_killed(
    browse: Browsing, own_server: Server, people: Path
) -> None:
    browse.watch.ignore("ERR_")
    browse.watch.ignore("409")  # the server had kept the beginning of a part
    browse.watch.ignore("50")
    page = browse(own_server, NEW, person="importer")
    slow_down(page)
    begin(page, people)

    kill_web_process(own_server)

    expect(page).to_have_url(OPERATION, timeout=120_000)
    report = page.get_by_role("region", name="Check report")
    expect(report).to_contain_text(f"with about {ROWS:,} users")
    assert_same(own_server, people)


def test_an_upload_is_paused_and_resumed(
    browse: Browsing, import_server: Server, people: Path
) -> None:
    browse.watch.ignore("ERR_")
    browse.watch.ignore("409")  # the server had kept the beginning of a part
    page = browse(import_server, NEW, person="importer", screen=PHONE)
    slow_down(page)
    begin(page, people)

    page.get_by_role("button", name="Pause upload").click()
    expect(page.get_by_role("progressbar", name="Paused: people.csv")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("button", name="Resume upload").click()

    expect(page).to_have_url(OPERATION, timeout=60_000)
    assert_same(import_server, people)


def test_an_upload_continues_after_the_page_was_reloaded(
    browse: Browsing, import_server: Server, people: Path
) -> None:
    browse.watch.ignore("ERR_")
    browse.watch.ignore("409")  # the server had kept the beginning of a part
    page = browse(import_server, NEW, person="importer")
    slow_down(page)
    begin(page, people)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    unfinished = page.get_by_role("region", name="Unfinished uploads")
    expect(unfinished).to_contain_text("people.csv")
    assert_accessible(page)

    agree(page)
    page.locator("#id_file").set_input_files(people)
    send(page)

    continuing = "Continuing the upload of people.csv"
    expect(page.get_by_role("progressbar", name=continuing)).to_be_visible()
    expect(page).to_have_url(OPERATION, timeout=60_000)
    assert_same(import_server, people)


def test_a_cancelled_upload_is_deleted(
    browse: Browsing, import_server: Server, people: Path
) -> None:
    browse.watch.ignore("ERR_")
    browse.watch.ignore("409")  # the server had kept the beginning of a part
    folder = import_server.data / "uploads"
    before = set(folder.glob("partial-*"))
    page = browse(import_server, NEW, person="importer")
    slow_down(page)
    begin(page, people)
    assert set(folder.glob("partial-*")) - before

    page.get_by_role("button", name="Cancel upload").click()

    expect(page.get_by_role("alert")).to_contain_text("No data was kept")
    wait_for(lambda: not set(folder.glob("partial-*")) - before)
