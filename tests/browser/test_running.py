"""Running imports: live progress, cancellation, lost workers."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.archives.csv_archives import Plan
from tests.browser.api import Api
from tests.browser.archives import csv_archive
from tests.browser.browsing import Browsing
from tests.browser.migrating import PATIENCE_MS, expect_done
from tests.browser.places import OPERATIONS
from tests.browser.servers import Server, demo_server
from tests.live import ROOT, environment_of, manage

LONG = Plan(users=50, channels=5, messages=300_000, has_oddities=False)
SHORT = Plan(users=5, channels=2, messages=2_000, has_oddities=False)
AGE_HEARTBEAT = (
    "from imports_app.models import ImportOperation as O; from datetime import *;"
    "before = datetime.now(UTC) - timedelta(minutes=2);"
    "O.objects.valid().change("
    "heartbeat_at=before, status_since=before, updated_at=before)"
)
"""Shell code that ages the heartbeat and the status by two minutes."""


@pytest.fixture(scope="module")
def long_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that takes seconds to import."""
    path = tmp_path_factory.mktemp("archives") / "long.zip"
    csv_archive(path, LONG)
    return path


def page_of(browse: Browsing, server: Server, name: str) -> Page:
    page = browse(server, f"{OPERATIONS}?q={name}", person="importer")
    page.locator("#result_list tbody th a").first.click()
    return page


def test_progress_updates_live_and_cancel_is_immediate(
    browse: Browsing, own_server: Server, long_archive: Path
) -> None:
    api = Api(own_server)
    api.stage(long_archive)
    page = page_of(browse, own_server, "long")

    api.start()
    page.reload()

    bar = page.get_by_role("progressbar", name="Messages")
    expect(bar).not_to_have_attribute("aria-valuenow", "0", timeout=PATIENCE_MS)
    expect(page.locator("#live-progress")).to_contain_text("Records per second")
    began = time.monotonic()
    page.reload()
    usual = time.monotonic() - began
    page.get_by_role("link", name="Cancel").click()
    asked = time.monotonic()
    page.get_by_role("button", name="Cancel import").click()
    expect(page.locator("#live-help")).to_contain_text("By importer")

    # At once is two pages, also on a machine that takes its time for each.
    assert time.monotonic() - asked < max(2, 4 * usual)
    page.reload()
    expect(page.locator("#live-help")).to_contain_text("By importer")


def test_an_import_resumes_after_its_worker_was_killed(
    browse: Browsing, own_server: Server, long_archive: Path
) -> None:
    api = Api(own_server)
    operation = api.stage(long_archive)
    page = page_of(browse, own_server, "long")
    api.start()
    page.reload()
    bar = page.get_by_role("progressbar", name="Messages")
    expect(bar).not_to_have_attribute("aria-valuenow", "0", timeout=PATIENCE_MS)

    os.kill(worker_of(own_server), signal.SIGKILL)

    expect_done(page)
    page.locator("#progress-details > summary").click()
    expect(bar).to_have_attribute("aria-valuenow", f"{LONG.messages}")
    api.wait_until(operation, "importer_done")


def worker_of(server: Server) -> int:
    """Return the process ID of the server's worker."""
    parent = server.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    [worker] = [
        int(child)
        for child in children
        if b"\0worker\0" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
    return worker


@pytest.fixture
def idle_server(
    prepared_demo: Path, tmp_path: Path, browse: Browsing
) -> Iterator[Server]:
    """A server without a worker."""
    with demo_server(prepared_demo, tmp_path / "idle", "--no-worker") as running:
        yield running
        browse.close()  # pages must not poll a stopped server


def waiting_page(browse: Browsing, server: Server, folder: Path) -> Page:
    """Return the page of an operation that is waiting for a worker."""
    csv_archive(folder / "short.zip", SHORT)
    Api(server).upload(folder / "short.zip")
    page = page_of(browse, server, "short")
    page.locator("#content").get_by_role("link", name="Read the file").click()
    page.get_by_role("button", name="Read the file").click()
    expect(page.locator("#live-help")).to_contain_text("Waiting for a worker")
    return page


def test_a_stalled_import_resumes_with_a_new_worker(
    browse: Browsing, idle_server: Server, tmp_path: Path
) -> None:
    page = waiting_page(browse, idle_server, tmp_path)

    idle_server.manage("shell", "-v0", "-c", AGE_HEARTBEAT)

    expect(page.locator("#live-help")).to_contain_text("stalled", ignore_case=True)
    worker = subprocess.Popen(
        manage("worker"),
        cwd=ROOT,
        env=environment_of(idle_server.data, 3000),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        button = page.locator("#content").get_by_role("link", name="Review and import")
        expect(button).to_be_visible(timeout=PATIENCE_MS)
    finally:
        worker.terminate()
        worker.wait()


def test_a_lost_connection_is_shown_until_it_returns(
    browse: Browsing, idle_server: Server, tmp_path: Path
) -> None:
    browse.watch.ignore("ERR_INTERNET_DISCONNECTED")
    page = waiting_page(browse, idle_server, tmp_path)

    page.context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("Connection lost")
    page.context.set_offline(False)

    expect(page.locator("#live-lost")).to_be_hidden(timeout=PATIENCE_MS)


def test_cancelling_asks_for_confirmation(
    browse: Browsing, idle_server: Server, tmp_path: Path
) -> None:
    page = waiting_page(browse, idle_server, tmp_path)

    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_contain_text(
        "Records imported so far are kept"
    )
    expect(page.get_by_role("button", name="Keep importing")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()

    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("button", name="Cancel import").click()
    expect(page.locator("#live-help")).to_contain_text("By importer")
