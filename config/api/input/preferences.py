"""The preference `wait` of the header Prefer (RFC 7240)."""

from __future__ import annotations

from typing import Final

LONGEST_WAIT_SECONDS: Final = 60
_MOST_DIGITS: Final = 9


def wait_seconds(prefer: str) -> int | None:
    """Return how many seconds the client prefers to wait, at most a minute.

    The first of several preferences with the same name counts. Preferences that are
    unknown or not valid are ignored, as the RFC says.
    """
    for preference in prefer.split(","):
        name, _equals, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() != "wait":
            continue
        digits = value.strip().strip('"')
        if digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS:
            return min(int(digits), LONGEST_WAIT_SECONDS)
        return None
    return None
