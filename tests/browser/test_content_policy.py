"""Pages in use under their content policy: no script is refused, and none needs eval.

The tests of accessibility visit every page under the same policy.
Whatever the browser reports fails the test: `Watch` collects the console's errors, in
which Chromium writes each violation, and errors that scripts throw.
"""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from playwright.sync_api import Route, expect

from tests.browser.browsing import Browsing
from tests.browser.places import (
    ACTIVITY_LOG,
    OPERATIONS,
    PLACES,
    ROLES,
    TOKENS,
    USERS,
)
from tests.browser.policy import reporting
from tests.browser.screens import PHONE, SCHEMES, Scheme
from tests.browser.servers import Server

PUBLIC: Final = "https://imports.example"
PERMISSIONS_POLICY: Final = re.compile("camera=\\(\\).*microphone=\\(\\)")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_login_page_works_under_its_policy(
    browse: Browsing, server: Server, scheme: Scheme
) -> None:
    page = reporting(browse(server, "/admin/login/", person=None, scheme=scheme))

    page.get_by_role("button", name="Colors").click()
    page.get_by_role("button", name="Dark").click()

    expect(page.locator("html")).to_contain_class("dark")


@pytest.mark.parametrize("attempt", ["eval('1')", "Function('return 1')()"])
def test_text_is_not_executed_as_script(
    browse: Browsing, server: Server, attempt: str
) -> None:
    page = browse(server, "/admin/")
    browse.watch.ignore("Content Security Policy")

    ran = page.evaluate(
        f"""() => new Promise((resolve) => {{
            setTimeout(() => {{
                try {{ resolve([{attempt}]); }} catch (error) {{ resolve(error.name); }}
            }});
        }})"""
    )

    assert ran == "EvalError"


def test_no_injected_script_runs(browse: Browsing, server: Server) -> None:
    page = browse(server, "/admin/")
    browse.watch.ignore("Content Security Policy")

    page.evaluate(
        """() => {
            window.ran = [];
            const script = document.createElement("script");
            script.textContent = "ran.push('script')";
            document.body.append(script);
            const box = document.createElement("div");
            box.innerHTML = `
                <img src="data:," onerror="ran.push('handler')">
                <a id="address" href="javascript:ran.push('address')">here</a>`;
            document.body.append(box);
            document.getElementById("address").click();
        }"""
    )
    page.wait_for_timeout(100)

    assert page.evaluate("window.ran") == []


def test_menus_filters_and_colors(browse: Browsing, server: Server) -> None:
    page = reporting(browse(server, OPERATIONS))

    page.get_by_role("button", name="Filters").click()
    expect(page.get_by_role("button", name="Apply filters")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Account: admin").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_contain_class("dark")
    page.get_by_role("button", name="Light").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Light")).to_be_hidden()


def test_the_menu_keeps_its_state(browse: Browsing, server: Server) -> None:
    page = reporting(browse(server, ROLES))
    menu = page.get_by_role("button", name="Menu", exact=True)

    menu.click()
    page.reload()
    expect(menu).to_have_attribute("aria-expanded", "false")
    menu.click()
    page.reload()

    expect(menu).to_have_attribute("aria-expanded", "true")


def test_the_command_palette_finds_and_opens_pages(
    browse: Browsing, server: Server
) -> None:
    page = reporting(browse(server, "/admin/"))

    page.keyboard.press("Control+k")
    search = page.locator("#search-input-command")
    expect(search).to_be_focused()
    search.press_sequentially("token")
    expect(page.locator("#command-results-list li").first).to_be_visible()
    search.press("ArrowDown")
    search.press("Enter")

    expect(page).to_have_url(re.compile("/admin/accounts/"))


def test_the_search_field_has_a_shortcut(browse: Browsing, server: Server) -> None:
    page = reporting(browse(server, USERS))

    page.keyboard.press("/")

    expect(page.locator("#searchbar")).to_be_focused()


def test_actions_run_on_selected_rows(browse: Browsing, server: Server) -> None:
    page = reporting(browse(server, USERS))

    page.locator("#action-toggle").first.check()
    page.get_by_label("Select action to run").select_option("Deactivate")

    expect(page.get_by_role("button", name="Run")).to_be_visible()


def test_date_pickers_work(browse: Browsing, server: Server) -> None:
    page = reporting(browse(server, f"{TOKENS}add/"))

    page.locator(".datetimeshortcuts a[id^=calendarlink]").first.click()
    page.locator(".calendarbox td a").first.click()

    date = page.locator("input.vDateField").first
    expect(date).to_have_value(re.compile(r"\d{4}"))


def test_forms_with_tabs_and_inlines(browse: Browsing, server: Server) -> None:
    page = reporting(browse(server, "/admin/"))
    PLACES["user"].visit(page)
    tabs = page.locator("#tabs-items a")

    for number in range(tabs.count()):
        tabs.nth(number).click()

    address = page.locator("input[name^=emails-][name$=-address]")
    before = address.count()
    tabs.filter(has_text="mail").click()
    page.get_by_role("link", name=re.compile("^Add another")).locator(
        "visible=true"
    ).click()

    expect(address).to_have_count(before + 1)


def test_charts_are_drawn(browse: Browsing, server: Server) -> None:
    page = reporting(browse(server, "/admin/"))

    drawn = page.locator("canvas.chart").evaluate_all(
        "all => all.map((canvas) => Boolean(Chart.getChart(canvas)))"
    )

    assert drawn
    assert all(drawn)


def test_the_phone_menu_opens(browse: Browsing, server: Server) -> None:
    page = reporting(browse(server, ACTIVITY_LOG, screen=PHONE))

    page.get_by_role("button", name="Menu", exact=True).click()

    expect(page.get_by_role("link", name="Roles")).to_be_visible()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_swagger_ui_keeps_no_token(
    browse: Browsing, server: Server, scheme: Scheme
) -> None:
    page = browse(server, "/api/docs/", person=None, scheme=scheme)
    reporting(page)

    page.locator("button.authorize").click()
    for field in page.locator(".auth-container input").all():
        field.fill("a-secret-value")
    authorize = page.locator(".auth-container button.authorize")
    while authorize.count():
        authorize.first.click()
    page.locator("button.btn-done").first.click()
    page.locator(".opblock-tag").first.click()
    page.locator(".opblock-summary").first.click()

    stored: dict[str, Any] = page.evaluate("({...localStorage, ...sessionStorage})")
    assert "a-secret-value" not in str(stored)
    page.reload()
    expect(page.locator("button.authorize")).to_have_class(re.compile("unlocked"))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_swagger_ui_sends_a_request(
    browse: Browsing, server: Server, scheme: Scheme
) -> None:
    page = reporting(browse(server, "/api/docs/", person=None, scheme=scheme))
    page.locator(".opblock-tag[data-tag=Server]").click()
    call = page.locator(".opblock", has_text="/api/info").first

    call.locator(".opblock-summary").click()
    call.get_by_role("button", name="Try it out").click()
    call.get_by_role("button", name="Execute").click()

    expect(call.locator(".live-responses-table")).to_contain_text("200")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_redoc_searches(browse: Browsing, server: Server, scheme: Scheme) -> None:
    page = reporting(browse(server, "/api/redoc/", person=None, scheme=scheme))

    search = page.locator("input[placeholder='Search...']")
    search.fill("login")

    expect(page.locator("[data-role='search:results'] li").first).to_be_visible()


@pytest.mark.parametrize("path", ["/api/docs/", "/api/redoc/", "/admin/login/", "/no"])
def test_public_pages_ask_no_other_host(
    browse: Browsing, server: Server, path: str
) -> None:
    """Swagger UI asks a validator unless the server is on the loopback interface."""
    page = browse(server, "/healthz", person=None)
    browse.watch.ignore(f"Foreign request: {PUBLIC}/")
    browse.watch.ignore("404 (Not Found)")
    asked: set[str] = set()

    def answer(route: Route) -> None:
        own = route.request.url.replace(PUBLIC, server.url, 1)
        route.fulfill(response=route.fetch(url=own))

    page.route(f"{PUBLIC}/**", answer)
    page.on("request", lambda request: asked.add(request.url))
    page.goto(f"{PUBLIC}{path}")
    page.wait_for_load_state("networkidle")

    foreign = [url for url in asked if not url.startswith((PUBLIC, "data:", "blob:"))]
    assert asked
    assert foreign == []


@pytest.mark.parametrize("path", ["/", "/admin/", "/api/docs/", "/api/redoc/", "/no"])
def test_every_page_carries_the_policy(
    browse: Browsing, server: Server, path: str
) -> None:
    page = browse(server, "/admin/")

    headers = page.request.get(path).headers

    policy = headers["content-security-policy"]
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in re.split("; ?script-src", policy)[1]
    assert PERMISSIONS_POLICY.search(headers["permissions-policy"])
