"""In and out."""

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
    page.locator("#nav-sidebar").get_by_text(person, exact=True).click()
    page.get_by_role("button", name="Log out").click()

    page.goto("/admin/")
    expect(page).to_have_url(re.compile("/admin/login/"))
