"""Browser contexts of logged-in users."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    StorageState,
    expect,
)

from tests.browser.screens import DESKTOP, Scheme, Screen
from tests.browser.servers import PASSWORD, Server
from tests.browser.watching import Watch

_PATIENCE_MS = 30_000
"""After which something is broken, however busy the machine is."""
expect.set_options(timeout=_PATIENCE_MS)

Logins = dict[tuple[str, str], StorageState]
"""Login cookies by server and user."""


class Browsing:
    """Opens pages, each in an isolated browser context.

    A test calls it: `browse(server, "/admin/", person="importer", screen=PHONE)`.
    A second tab of the same context is `page.context.new_page()`.
    """

    def __init__(self, browser: Browser, logins: Logins, folder: Path) -> None:
        self._browser = browser
        self._logins = logins
        self._folder = folder
        self._contexts: list[BrowserContext] = []
        self.watch = Watch()

    def __call__(
        self,
        server: Server,
        path: str,
        *,
        person: str | None = "admin",
        screen: Screen = DESKTOP,
        scheme: Scheme = "light",
        scripts: bool = True,
        zone: str = "UTC",
    ) -> Page:
        """Open a page as a user, or without a login (None)."""
        context = self._browser.new_context(
            base_url=server.url,
            storage_state=self._login(server, person) if person else None,
            viewport=screen,
            color_scheme=scheme,
            java_script_enabled=scripts,
            reduced_motion="reduce",
            timezone_id=zone,
        )
        context.set_default_timeout(_PATIENCE_MS)
        self._contexts.append(context)
        self.watch.over(context, server.url)
        page = context.new_page()
        page.goto(path)
        return page

    def take_screenshots(self) -> list[str]:
        """Take screenshots of all open pages and return their paths."""
        pages = [page for context in self._contexts for page in context.pages]
        lines = []
        for number, page in enumerate(pages, 1):
            path = self._folder / f"page-{number}.png"
            try:
                page.screenshot(path=path, full_page=True)
            except Error as error:  # keep the original test failure
                lines.append(f"{page.url}: {error.message}")
            else:
                lines.append(f"{page.url}: {path}")
        return lines

    def close(self) -> None:
        """Close every window, before the server behind it goes away."""
        while self._contexts:
            self._contexts.pop().close()

    def _login(self, server: Server, person: str) -> StorageState:
        key = (server.url, person)
        if key not in self._logins:
            context = self._browser.new_context(base_url=server.url)
            page = context.new_page()
            page.goto("/admin/login/")
            log_in(page, person)
            page.wait_for_url("**/admin/")
            self._logins[key] = context.storage_state()
            context.close()
        return self._logins[key]


def log_in(page: Page, person: str, password: str = PASSWORD) -> None:
    """Submit the login form."""
    page.locator("input[name=username]").fill(person)
    page.locator("input[name=password]").fill(password)
    page.get_by_role("button", name="Log in").click()
