"""Names of users and channels that Mattermost accepts, each used once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

from imports_app.exporters.mattermost.rules import LONGEST_NAME

_OTHER: Final = re.compile(r"[^a-z0-9._-]+")
_OTHER_IN_CHANNELS: Final = re.compile(r"[^a-z0-9_-]+")


class Names:
    """Names of one kind.

    Args:
        taken: Names that exist in Mattermost.
        is_valid: Whether Mattermost accepts a name.
        fallback: Name for texts without valid characters.
        has_dots: Whether names may contain dots.
    """

    def __init__(
        self,
        taken: Iterable[str],
        *,
        is_valid: Callable[[str], bool],
        fallback: str,
        has_dots: bool = False,
    ) -> None:
        self._used = set(taken)
        self._numbers: dict[str, int] = {}
        self._is_valid = is_valid
        self._fallback = fallback
        self._other = _OTHER if has_dots else _OTHER_IN_CHANNELS

    def keep(self, text: str) -> bool:
        """Use a text as it is, if it is valid and free."""
        if text in self._used or not self._is_valid(text):
            return False
        self._used.add(text)
        return True

    def change(self, text: str) -> str:
        """Return a free name that resembles a text."""
        base = self._other.sub("-", _letters(text)).strip("-._")[:LONGEST_NAME]
        if not self._is_valid(base):
            base = f"{self._fallback}-{base}"[:LONGEST_NAME].rstrip("-._")
        number = self._numbers.get(base, 1)
        name = base
        while not self.keep(name):
            number += 1
            end = f"-{number}"
            name = f"{base[: LONGEST_NAME - len(end)]}{end}"
        self._numbers[base] = number
        return name


def _letters(text: str) -> str:
    """Return a text in lower case, with letters instead of their accented forms."""
    parts = unicodedata.normalize("NFKD", text[: LONGEST_NAME * 4]).lower()
    return "".join(part for part in parts if not unicodedata.combining(part))
