"""Accessibility and content policy of every page, on desktop and phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import (
    assert_accessible,
    assert_fits,
    assert_named,
    assert_readable,
    assert_usable,
)
from tests.browser.browsing import Browsing, Logins
from tests.browser.contrast import assert_contrast
from tests.browser.places import PLACES
from tests.browser.policy import ALL_OPEN, reporting
from tests.browser.screens import DESKTOP, PHONE, SCHEMES, Scheme, switch_to
from tests.browser.servers import Server


@pytest.fixture(scope="module")
def window(
    chromium: Browser,
    logins: Logins,
    server: Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Page]:
    """A shared page of an administrator for read-only tests.

    It reports violations of the content policy, too, so that each page is loaded once.
    """
    browsing = Browsing(chromium, logins, tmp_path_factory.mktemp("pages"))
    yield reporting(browsing(server, "/admin/"))
    browsing.close()
    assert browsing.watch.errors == []


@pytest.mark.parametrize("name", PLACES)
def test_a_page_is_accessible(window: Page, name: str) -> None:
    window.set_viewport_size(DESKTOP)
    switch_to(window, "dark")
    PLACES[name].visit(window)
    expect(window.locator("html")).to_contain_class("dark")  # Alpine has started
    assert_named(window)
    assert_fits(window)
    assert_readable(window)
    assert_contrast(window)

    switch_to(window, "light")
    assert_accessible(window)
    assert_contrast(window)

    window.set_viewport_size(PHONE)
    assert_fits(window)
    assert_usable(window)
    window.evaluate(ALL_OPEN)
    assert_contrast(window)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_login_page_is_accessible(
    browse: Browsing, server: Server, scheme: Scheme
) -> None:
    page = browse(server, "/admin/login/", person=None, screen=PHONE, scheme=scheme)

    assert_accessible(page)
    assert_contrast(page)
    assert_fits(page)


@pytest.mark.parametrize("name", ["operations", "failed records", "rooms"])
def test_a_list_fits_on_a_phone(browse: Browsing, server: Server, name: str) -> None:
    page = browse(server, PLACES[name].path, screen=PHONE)

    cells = page.locator("#result_list :is(td, th)")
    cut = cells.evaluate_all(
        "all => all.filter(one => one.scrollHeight > one.clientHeight + 1).length"
    )
    assert cut == 0
