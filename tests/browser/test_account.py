"""Account and second factor, on desktop, phone and without scripts."""

from __future__ import annotations

import base64
import re

import pytest
from django_otp.oath import totp
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.browsing import Browsing, log_in
from tests.browser.screens import DESKTOP, PHONE, Screen
from tests.browser.servers import Server


def set_up(page: Page) -> list[str]:
    """Enable the second factor from the overview; return the recovery codes."""
    page.get_by_role("link", name="Set up two-factor authentication").click()
    expect(page.locator(".qr-code svg")).to_be_visible()
    typed = page.locator(".typed-key").inner_text()
    secret = base64.b32decode(typed.replace(" ", ""))
    assert_fits(page)
    page.get_by_role("textbox", name="Code").fill(f"{totp(secret):06}")
    page.get_by_role("button", name="Enable two-factor authentication").click()
    return re.findall(r"[a-z2-9]{6}-[a-z2-9]{6}", page.locator("pre").inner_text())


@pytest.mark.parametrize(
    ("screen", "scripts"),
    [(DESKTOP, True), (PHONE, False)],
    ids=["desktop", "phone without scripts"],
)
def test_sets_up_a_second_factor_and_logs_in_with_it(
    browse: Browsing, own_server: Server, screen: Screen, scripts: bool
) -> None:
    page = browse(own_server, "/admin/", person=None, screen=screen, scripts=scripts)
    log_in(page, "plain")
    expect(page).to_have_url(re.compile("/admin/account/$"))
    codes = set_up(page)
    assert len(codes) == 10
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("10 recovery codes are left.")).to_be_visible()
    assert_fits(page)

    second = browse(
        own_server, "/admin/account/", person=None, screen=screen, scripts=scripts
    )
    log_in(second, "plain")
    expect(second).to_have_url(re.compile("/admin/account/verify/"))
    if scripts:
        assert_accessible(second)
    second.get_by_role("textbox", name="Code").fill("000000")
    second.get_by_role("button", name="Continue").click()
    expect(second.get_by_text("The code is wrong")).to_be_visible()
    second.get_by_role("textbox", name="Code").fill(codes[0])
    second.get_by_role("button", name="Continue").click()
    expect(second.get_by_text("9 recovery codes are left.")).to_be_visible()


def test_ends_another_session_and_creates_a_token(
    browse: Browsing, own_server: Server
) -> None:
    page = browse(own_server, "/admin/", person=None)
    log_in(page, "admin")
    other = browse(own_server, "/admin/", person=None)
    log_in(other, "admin")

    page.get_by_role("button", name="Account: admin").click()
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("button", name="End session").click()
    expect(page.get_by_text("Session ended.")).to_be_visible()
    page.get_by_role("link", name="Create personal access token").click()
    page.get_by_role("textbox", name="Name").fill("dashboard")
    page.get_by_role("button", name="Create personal access token").click()
    expect(page.locator("pre")).to_contain_text("X-Auth-Token: ")
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("dashboard …")).to_be_visible()

    other.reload()
    expect(other).to_have_url(re.compile("/admin/login/"))
