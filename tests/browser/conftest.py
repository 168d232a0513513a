"""Fixtures: one browser and one server per test process, one context for each test.

The tests use HTTP and commands only, never the database: Playwright runs an event loop
in this process, in which Django's ORM does not work.
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
    """Add the browser marker to all tests in this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add screenshots of the open pages to the report of a failed test."""
    report = yield
    browsing = getattr(item, "funcargs", {}).get("browse")
    if report.when == "call" and report.failed and browsing is not None:
        report.sections.append(("Screenshots", "\n".join(browsing.take_screenshots())))
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of all tests."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def logins() -> Logins:
    """Login cookies, so that every user logs in once."""
    return {}


@pytest.fixture
def browse(chromium: Browser, logins: Logins, tmp_path: Path) -> Iterator[Browsing]:
    """Open pages; fail on script errors and external requests."""
    browsing = Browsing(chromium, logins, tmp_path)
    yield browsing
    browsing.close()
    assert browsing.watch.errors == []


@pytest.fixture(scope="session")
def prepared_demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The data folder of a stopped server with demo data, shared by test processes."""
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
    """A shared server for tests that change no data."""
    with demo_server(prepared_demo, tmp_path_factory.mktemp("server")) as running:
        fail_to_log_in(running, "plain")
        yield running


@pytest.fixture(scope="session")
def import_server(
    prepared_demo: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server for tests that import.

    Only one import can be active, so each test must handle imports of earlier tests and
    check only its own operation.
    """
    with demo_server(prepared_demo, tmp_path_factory.mktemp("imports")) as running:
        yield running


@pytest.fixture
def own_server(
    prepared_demo: Path, tmp_path: Path, browse: Browsing
) -> Iterator[Server]:
    """A server for one test, for example to kill or fill it."""
    with demo_server(prepared_demo, tmp_path / "server") as running:
        yield running
        browse.close()  # pages must not poll a stopped server
