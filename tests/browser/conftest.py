"""One browser and one server in each process of a run, and a window for each test.

The tests speak to servers as people and scripts do, and never to a database: the
browser's library keeps an event loop in this process, in which Django's ORM refuses.
"""

from __future__ import annotations

import fcntl
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.api import fail_to_log_in
from tests.browser.browsing import Browsing, Logins
from tests.browser.chromium import running_chromium
from tests.browser.servers import Server, demo_server, prepare_demo

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add pictures of the open pages to the report of a failed test."""
    report = yield
    browsing = getattr(item, "funcargs", {}).get("browse")
    if report.when == "call" and report.failed and browsing is not None:
        report.sections.append(("Pictures", "\n".join(browsing.photograph())))
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of all tests."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def logins() -> Logins:
    """Who is logged in where, so that everybody logs in once."""
    return {}


@pytest.fixture
def browse(chromium: Browser, logins: Logins, tmp_path: Path) -> Iterator[Browsing]:
    """Open pages; complain if something went wrong behind them."""
    browsing = Browsing(chromium, logins, tmp_path)
    yield browsing
    browsing.close()
    assert browsing.watch.complaints == []


@pytest.fixture(scope="session")
def prepared_demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of a server that was filled and stopped, by the first who needs it."""
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        folder = folder.parent  # which the processes of a run share
    data, unfinished = folder / "prepared", folder / "being-prepared"
    with (folder / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not data.exists():
            unfinished.mkdir()
            prepare_demo(unfinished)
            unfinished.rename(data)
    return data


@pytest.fixture(scope="session")
def server(
    prepared_demo: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server for all tests that change nothing on it."""
    with demo_server(prepared_demo, tmp_path_factory.mktemp("server")) as running:
        fail_to_log_in(running, "plain")
        yield running


@pytest.fixture(scope="session")
def import_server(
    prepared_demo: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server for tests that import.

    One import is current at a time, so a test takes nothing for granted about what the
    tests before it left, and looks only at the operation that it made.
    """
    with demo_server(prepared_demo, tmp_path_factory.mktemp("imports")) as running:
        yield running


@pytest.fixture
def own_server(
    prepared_demo: Path, tmp_path: Path, browse: Browsing
) -> Iterator[Server]:
    """A server for a test that needs it for itself: to kill it, or to fill it."""
    with demo_server(prepared_demo, tmp_path / "server") as running:
        yield running
        browse.close()  # pages that watch an import ask on
