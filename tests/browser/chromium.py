"""Debian's Chromium without a window.

The whole Chromium loads two pages of its own with each browser context, which takes
about one second of processor time more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, sync_playwright

_PROGRAM: Final = "/usr/bin/chromium-headless-shell"
_ARGUMENTS: Final = (
    "--no-sandbox",  # the sandbox does not work in containers or as root
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run a browser during the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_PROGRAM, args=list(_ARGUMENTS)
        )
        yield browser
        browser.close()
