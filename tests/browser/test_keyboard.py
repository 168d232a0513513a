"""Keyboard use of the theme's click-only elements."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import Browsing
from tests.browser.places import OPERATIONS, TOKENS
from tests.browser.screens import PHONE
from tests.browser.servers import Server

IS_IN_CONTENT = "document.getElementById('content').contains(document.activeElement)"
RING = """() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2;
}"""


def test_skips_the_menu(browse: Browsing, server: Server) -> None:
    page = browse(server, OPERATIONS)

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate(IS_IN_CONTENT)


def test_opens_and_closes_the_account_menu(browse: Browsing, server: Server) -> None:
    page = browse(server, "/admin/")
    account = page.get_by_role("button", name="Account: admin")

    account.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="Log out")).to_be_hidden()
    expect(account).to_be_focused()


def test_changes_the_color_scheme(browse: Browsing, server: Server) -> None:
    page = browse(server, "/admin/")

    page.get_by_role("button", name="Account: admin").press("Enter")
    page.get_by_role("button", name="Dark").press(" ")
    page.reload()

    expect(page.locator("html")).to_contain_class("dark")


@pytest.mark.parametrize("key", ["Enter", " "])
def test_opens_the_filters(browse: Browsing, server: Server, key: str) -> None:
    page = browse(server, OPERATIONS)

    page.get_by_role("button", name="Filters").press(key)

    expect(page.get_by_role("button", name="Apply filters")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Apply filters")).to_be_hidden()


def test_opens_and_closes_the_menu_of_a_phone(browse: Browsing, server: Server) -> None:
    page = browse(server, "/admin/", screen=PHONE)
    roles = page.get_by_role("link", name="Roles")

    page.get_by_role("button", name="Menu", exact=True).press("Enter")
    expect(roles).to_be_visible()
    page.get_by_role("button", name="Close menu").press("Enter")

    expect(roles).to_be_hidden()


def test_icons_have_accessible_names(browse: Browsing, server: Server) -> None:
    page = browse(server, f"{TOKENS}add/")
    expect(page.get_by_role("combobox", name="Owner")).to_be_visible()

    page.set_viewport_size(PHONE)
    page.goto(OPERATIONS)
    page.get_by_role("link", name="More", exact=True).press("Enter")
    expect(page.get_by_role("link", name="Download files", exact=True)).to_be_visible()


@pytest.mark.parametrize("path", ["/admin/", OPERATIONS, f"{TOKENS}add/"])
def test_shows_the_focus(browse: Browsing, server: Server, path: str) -> None:
    page = browse(server, path)

    without = [_focused(page) for _ in range(35) if not _has_ring_after_tab(page)]

    assert without == []


def _has_ring_after_tab(page: Page) -> bool:
    page.keyboard.press("Tab")
    is_back_at_the_start = page.evaluate("document.activeElement === document.body")
    return bool(is_back_at_the_start or page.evaluate(RING))


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
