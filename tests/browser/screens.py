"""Screen sizes and color schemes."""

from __future__ import annotations

from typing import Final, Literal

from playwright.sync_api import Page, ViewportSize, expect

Scheme = Literal["light", "dark"]
Screen = ViewportSize

DESKTOP: Final[Screen] = {"width": 1280, "height": 900}
PHONE: Final[Screen] = {"width": 390, "height": 844}
SCREENS: Final = {"desktop": DESKTOP, "phone": PHONE}
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
_SWITCH: Final = "scheme => Alpine.$data(document.documentElement).switchTheme(scheme)"


def switch_to(page: Page, scheme: Scheme) -> None:
    """Show a page in another color scheme."""
    page.evaluate(_SWITCH, scheme)
    expect(page.locator("html")).to_contain_class(scheme)
