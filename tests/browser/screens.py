"""Screen sizes and color schemes."""

from __future__ import annotations

from typing import Final, Literal

from playwright.sync_api import ViewportSize

Scheme = Literal["light", "dark"]
Screen = ViewportSize

DESKTOP: Final[Screen] = {"width": 1280, "height": 900}
PHONE: Final[Screen] = {"width": 390, "height": 844}
SCREENS: Final = {"desktop": DESKTOP, "phone": PHONE}
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
