"""Login and logout."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.browsing import Browsing, log_in
from tests.browser.servers import Server


@pytest.mark.parametrize("person", ["admin", "importer"])
def test_logs_in_and_out(browse: Browsing, server: Server, person: str) -> None:
    page = browse(server, "/admin/", person=None)
    expect(page).to_have_url(re.compile("/admin/login/"))

    log_in(page, person)
    expect(page).to_have_title(re.compile("Dashboard"))
    page.get_by_role("button", name=f"Account: {person}").click()
    page.get_by_role("button", name="Log out").click()

    page.goto("/admin/")
    expect(page).to_have_url(re.compile("/admin/login/"))


def test_a_wrong_password_shows_an_error(browse: Browsing, server: Server) -> None:
    page = browse(server, "/admin/login/", person=None)

    log_in(page, "somebody", "not the password")

    expect(page.get_by_text("The username or password is wrong.")).to_be_visible()


def test_login_redirects_to_the_requested_page(
    browse: Browsing, server: Server
) -> None:
    page = browse(server, "/admin/imports_app/importoperation/", person=None)

    log_in(page, "importer")

    expect(page).to_have_url(re.compile("/admin/imports_app/importoperation/$"))
