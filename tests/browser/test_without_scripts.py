"""The admin without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_fits
from tests.browser.browsing import Browsing, log_in
from tests.browser.places import OPERATIONS, PLACES
from tests.browser.screens import DESKTOP, PHONE, SCREENS, Screen
from tests.browser.servers import Server


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)
def test_login_navigation_and_logout(
    browse: Browsing, server: Server, screen: Screen
) -> None:
    page = browse(server, "/admin/", person=None, screen=screen, scripts=False)
    log_in(page, "importer")

    page.get_by_role("link", name="Import operations").click()
    expect(page.locator("#result_list")).to_be_visible()
    page.get_by_role("button", name="Log out").click()

    page.goto(OPERATIONS)
    expect(page).to_have_url(re.compile("/admin/login/"))


def test_filters_a_list(browse: Browsing, server: Server) -> None:
    page = browse(server, OPERATIONS, scripts=False)

    page.locator("#filter-form").get_by_label("By importer").select_option("slack")
    page.get_by_role("button", name="Apply filters").click()

    expect(page.locator("#result_list tbody tr")).to_have_count(1)


@pytest.mark.parametrize("name", ["dashboard", "operations", "operation done", "user"])
def test_nothing_covers_the_page(browse: Browsing, server: Server, name: str) -> None:
    page = browse(server, "/admin/", screen=DESKTOP, scripts=False)
    PLACES[name].visit(page)
    page.locator("h1").first.click(trial=True)
    page.locator("#content").click(trial=True, position={"x": 200, "y": 20})

    page.set_viewport_size(PHONE)

    expect(page.locator("h1").first).to_be_visible()
    assert_fits(page)
