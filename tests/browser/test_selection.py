"""Selection of records, with and without scripts and in two tabs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.archives.csv_archives import Plan
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.api import Api
from tests.browser.archives import archive_of, csv_archive
from tests.browser.browsing import Browsing
from tests.browser.places import OPERATIONS, PLACES
from tests.browser.servers import Server

PEOPLE = Plan(users=120, channels=6, messages=200, has_oddities=False)


@pytest.fixture
def select(browse: Browsing, import_server: Server, tmp_path: Path) -> Page:
    """The selection page of the newest operation."""
    csv_archive(tmp_path / "team.zip", PEOPLE)
    Api(import_server).stage(tmp_path / "team.zip")
    page = browse(import_server, OPERATIONS, person="importer")
    PLACES["selection"].visit(page)
    return page


def selected_users(page: Page) -> str:
    return page.locator(".summary dd").first.inner_text()


def test_a_change_is_saved_immediately(select: Page) -> None:
    first = select.locator(".choices input[type=checkbox]").first
    first.focus()
    select.keyboard.press("Space")

    expect(select.locator(".summary dd").first).to_contain_text("119 of 120")
    expect(select.locator("#tick-1")).to_be_focused()
    expect(select.locator("#said")).to_contain_text("Users selected: 119.")
    select.reload()
    expect(select.locator("#tick-1")).not_to_be_checked()
    expect(select.locator(".choices tbody tr").first).to_contain_text("Not selected")


@pytest.mark.parametrize("fault", ["connection", "server"])
def test_a_change_that_fails_is_reverted_and_blocks_the_start(
    select: Page, browse: Browsing, fault: str
) -> None:
    browse.watch.ignore("Failed to load resource")
    if fault == "connection":
        select.context.set_offline(True)
    else:
        select.route("**/select/**", lambda route: route.fulfill(status=500, body="x"))
    start = select.get_by_role("button", name="Start import")
    expect(start).to_be_enabled()

    select.locator("#tick-1").click()

    alert = select.get_by_role("alert")
    expect(alert).to_contain_text("The last change was not saved")
    expect(select.locator("#tick-1")).to_be_checked()
    expect(start).to_be_disabled()
    select.context.set_offline(False)
    select.unroute_all()
    alert.get_by_role("link", name="Reload the page").click()
    expect(select.get_by_role("alert")).to_be_hidden()
    expect(select.locator("#tick-1")).to_be_checked()
    expect(start).to_be_enabled()
    expect(select.locator(".summary dd").first).to_contain_text("120 of 120")


def test_the_start_is_blocked_while_a_change_is_being_saved(select: Page) -> None:
    held: list[Route] = []
    select.route("**/select/**", lambda route: held.append(route))
    start = select.get_by_role("button", name="Start import")

    select.locator("#tick-1").click()

    expect(start).to_be_disabled()
    held[0].continue_()
    select.unroute_all()
    expect(select.locator(".summary dd").first).to_contain_text("119 of 120")
    expect(start).to_be_enabled()


def test_all_matches_of_a_search_are_deselected(select: Page) -> None:
    select.get_by_role("searchbox").press_sequentially("user.0011")
    expect(select.locator(".found")).to_have_text("10 found")
    expect(select.get_by_role("searchbox")).to_be_focused()
    select.get_by_role("button", name="Deselect all 10 matches").click()
    expect(select.locator(".summary dd").first).to_contain_text("110 of 120")
    expect(select.locator(".rules")).to_contain_text("except those matching “user.00")

    select.get_by_role("link", name=re.compile("Rooms")).click()
    expect(select.locator(".choices tbody tr")).to_have_count(8)
    select.get_by_label("Filter").select_option("private")
    expect(select.locator(".found")).to_have_text("2 found")
    select.get_by_role("button", name="Deselect all 2 matches").click()

    expect(select.locator(".summary")).to_contain_text("6 of 8")


def test_a_stale_tab_does_not_start_the_import(select: Page) -> None:
    other = select.context.new_page()
    other.goto(select.url)
    select.get_by_role("button", name="Clear selection").click()
    expect(select.locator(".summary dd").first).to_contain_text("0 of 120")

    other.get_by_role("button", name="Start import").click()

    expect(
        other.get_by_text("The selection has changed in the meantime")
    ).to_be_visible()
    expect(other.locator(".summary dd").first).to_contain_text("0 of 120")


def test_a_trial_run_is_started_and_continued(select: Page) -> None:
    number = select.get_by_label("Trial run: messages of each room")
    expect(number).to_have_value("10")
    number.fill("3")
    select.get_by_role("button", name="Start trial run").click()

    rest = select.get_by_role("link", name="Continue with the rest")
    expect(rest).to_be_visible(timeout=60_000)
    expect(select.locator("#live-headline")).to_contain_text(
        "Trial run: first 3 messages of each room"
    )
    expect(select.get_by_role("link", name="Undo import")).to_be_visible()
    assert_accessible(select)
    select.set_viewport_size({"width": 390, "height": 844})
    assert_fits(select)

    rest.click()
    select.get_by_role("button", name="Continue with the rest").click()

    everything = select.get_by_text("All selected records are in the workspace.")
    expect(everything).to_be_visible(timeout=60_000)


def test_selects_and_starts_without_scripts(
    browse: Browsing, import_server: Server, tmp_path: Path
) -> None:
    csv_archive(tmp_path / "team.zip", PEOPLE)
    operation = Api(import_server).stage(tmp_path / "team.zip")
    page = browse(import_server, OPERATIONS, person="importer", scripts=False)
    PLACES["selection"].visit(page)

    page.locator("#tick-1").uncheck()
    page.get_by_role("button", name="Save selection").click()
    assert "119" in selected_users(page)
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".page-links")).to_contain_text("Page 2 of 3")
    page.get_by_role("button", name="Start import").click()

    expect(page).to_have_url(re.compile("/change/"))
    Api(import_server).wait_until(operation, "importer_done")


IN_DISGUISE = {
    "users.csv": "admin,evil@example.org,Not the admin\nbo,,Bo\n",
    "channels.csv": "news,admin,public,bo\n",
    "news/1.csv": "admin,1600000000000,hello\n",
}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_match_with_a_privileged_user_is_confirmed_by_keyboard(
    browse: Browsing, import_server: Server, tmp_path: Path, *, scripts: bool
) -> None:
    api = Api(import_server)
    operation = api.stage(archive_of(tmp_path / "team.zip", IN_DISGUISE))
    page = browse(import_server, OPERATIONS, scripts=scripts)
    PLACES["selection"].visit(page)
    row = page.locator(".choices tbody tr", has_text="Not the admin")
    expect(row).to_contain_text("Matches the privileged user admin")
    expect(row).to_contain_text("this record and 1 message fail")

    row.get_by_role("button", name="Confirm").focus()
    page.keyboard.press("Enter")

    expect(row).to_contain_text("Confirmed match with the privileged user admin")
    expect(row.get_by_role("button", name="Withdraw confirmation")).to_be_visible()
    if scripts:
        expect(row.get_by_role("button")).to_be_focused()
    page.get_by_role("button", name="Start import").click()
    api.wait_until(operation, "importer_done")
