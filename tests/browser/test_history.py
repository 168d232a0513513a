"""Comparison of operations and local times in the browser."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.browsing import Browsing
from tests.browser.places import OPERATIONS, PLACES
from tests.browser.screens import PHONE, SCHEMES, Scheme
from tests.browser.servers import Server

ZONE = "Asia/Kolkata"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_two_operations_are_selected_and_compared(
    browse: Browsing, server: Server, scheme: Scheme
) -> None:
    page = browse(server, OPERATIONS, person="importer", scheme=scheme)
    for row in (0, 1):
        page.locator("input.action-select").nth(row).check()

    page.locator("select[name=action]").select_option("compare_selected")
    page.get_by_role("button", name="Run").click()

    expect(page).to_have_url(re.compile(r"/compare/\?a=\w+&b=\w+$"))
    expect(page.get_by_role("table", name="Records by kind")).to_be_visible()
    assert_accessible(page)
    page.set_viewport_size({**PHONE})
    assert_accessible(page)
    assert_fits(page)


def test_times_are_local_with_exact_utc_titles(
    browse: Browsing, server: Server
) -> None:
    page = browse(server, OPERATIONS, zone=ZONE)
    shown = page.locator("#result_list time.moment").first

    title = shown.get_attribute("title") or ""
    exact = datetime.strptime(title, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    local = exact.astimezone(ZoneInfo(ZONE))
    expect(shown).to_have_text(re.compile(f"^{local:%Y-%m-%d %H:%M} .*5:30$"))


def test_times_below_a_day_stay_in_utc_with_local_titles(
    browse: Browsing, server: Server
) -> None:
    page = browse(server, "/admin/", zone=ZONE)
    PLACES["conversation"].visit(page)
    shown = page.locator("time.clock").first

    expect(shown).to_have_attribute("title", re.compile(r"UTC \(.*5:30\)$"))
    title = shown.get_attribute("title") or ""
    expect(shown).to_have_text(title[11:16])


def test_times_added_later_are_local(browse: Browsing, server: Server) -> None:
    page = browse(server, OPERATIONS, zone="Europe/Berlin")

    page.evaluate(
        """() => document.querySelector("#content").insertAdjacentHTML("beforeend",
        '<p id="later"><time class="moment" datetime="2026-07-01T10:00:00Z"></time>'
        + '<time class="ago" datetime="2026-07-01T10:00:00Z" data-seconds="58"></time>')
        """
    )

    later = page.locator("#later")
    expect(later).to_contain_text("2026-07-01 12:00 ")
    expect(later).to_contain_text("58 s ago")
    expect(later).to_contain_text("1 min ago")
