"""Pages and links by permission."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.browsing import Browsing, log_in
from tests.browser.places import (
    ACTIVITY_LOG,
    FAILED_LOGINS,
    FILES,
    MESSAGES,
    OPERATIONS,
    RECORDS,
    ROLES,
    ROOMS,
    TOKENS,
    USERS,
)
from tests.browser.servers import Server

IMPORTS = ("/admin/", OPERATIONS, RECORDS, f"{OPERATIONS}new/")
WORKSPACE = (ROOMS, MESSAGES, FILES)
PEOPLE = (USERS, ROLES, TOKENS, ACTIVITY_LOG, FAILED_LOGINS)
MENU = {
    "admin": [
        *("Dashboard", "Import operations", "Rooms", "Messages", "Files", "Exports"),
        *("Connected servers", "Imports of other servers"),
        *("Deliveries to servers", "Imports into Mattermost"),
        *("Webhooks", "Notice deliveries"),
        *("Users", "Roles", "Tokens", "Activity log", "Failed logins"),
    ],
    "importer": ["Dashboard", "Import operations", "Imports of other servers"],
}
OPEN = {"admin": {*IMPORTS, *WORKSPACE, *PEOPLE}, "importer": {*IMPORTS}}


@pytest.mark.parametrize("person", MENU)
def test_the_menu_lists_permitted_pages(
    browse: Browsing, server: Server, person: str
) -> None:
    page = browse(server, "/admin/", person=person)

    names = page.locator("#nav-sidebar-apps a > span:last-child")

    expect(names).to_have_text(MENU[person])


@pytest.mark.parametrize("person", MENU)
def test_urls_need_the_permissions_of_the_menu(
    browse: Browsing, server: Server, person: str
) -> None:
    request = browse(server, "/admin/", person=person).request

    status = {
        path: request.get(path).status for path in (*IMPORTS, *WORKSPACE, *PEOPLE)
    }

    assert {path for path, code in status.items() if code == 200} == OPEN[person]
    assert set(status.values()) <= {200, 403}


def test_links_to_forbidden_pages_are_hidden(browse: Browsing, server: Server) -> None:
    page = browse(server, "/admin/", person="importer")
    page.goto(f"{OPERATIONS}?status=completed-with-failures")
    page.locator("#result_list a[href*='/change/']").first.click()

    for closed in (*WORKSPACE, *PEOPLE):
        expect(page.locator(f"a[href^='{closed}']")).to_have_count(0)


def test_without_permissions_only_the_own_account_opens(
    browse: Browsing, server: Server
) -> None:
    page = browse(server, "/admin/", person=None)

    log_in(page, "plain")

    expect(page).to_have_url(re.compile("/admin/account/$"))
    for path in (*IMPORTS, *WORKSPACE, *PEOPLE):
        page.goto(path)
        expect(page).to_have_url(re.compile("/admin/account/$"))
