"""What people look at pages with."""

from __future__ import annotations

from typing import Final, Literal, TypedDict

Scheme = Literal["light", "dark"]


class Screen(TypedDict):
    """The size of a window, in CSS pixels."""

    width: int
    height: int


DESKTOP: Final[Screen] = {"width": 1280, "height": 900}
PHONE: Final[Screen] = {"width": 390, "height": 844}
SCREENS: Final = {"desktop": DESKTOP, "phone": PHONE}
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
