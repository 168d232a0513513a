"""The printable report of an import: accessible, self-contained, and fit for paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.browsing import Browsing
from tests.browser.places import OPERATIONS, REPORT
from tests.browser.policy import reporting
from tests.browser.screens import DESKTOP, PHONE, SCHEMES, Scheme
from tests.browser.servers import Server


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_report_is_accessible_and_loads_nothing(
    browse: Browsing, server: Server, scheme: Scheme
) -> None:
    page = browse(server, "/admin/", scheme=scheme)
    REPORT.visit(page)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    reporting(page)

    for screen in (DESKTOP, PHONE):
        page.set_viewport_size(screen)
        assert_accessible(page)
        assert_fits(page)
    others = [url for url in requested if not url.endswith("/favicon.ico")]
    assert others == [page.url]


def test_the_report_is_printed_without_links(browse: Browsing, server: Server) -> None:
    page = browse(server, "/admin/", scheme="dark")
    REPORT.visit(page)
    expect(page.get_by_role("link", name="Download report (CSV)")).to_be_visible()

    page.emulate_media(media="print")

    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.get_by_role("heading", name="Failed records by reason")).to_be_visible()
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator("body")).to_have_css("color", "rgb(0, 0, 0)")


def test_the_page_of_an_import_links_to_its_report(
    browse: Browsing, server: Server
) -> None:
    page = browse(server, f"{OPERATIONS}?status=completed-with-failures")
    page.locator("#result_list a[href*='/change/']").first.click()

    page.get_by_role("link", name="Print report").click()

    expect(page.get_by_role("heading", name="Report:")).to_be_visible()
    page.get_by_role("link", name="Back to the import").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download report (CSV)").click()
    assert download.value.suggested_filename.startswith("report-")
