"""Conversion of names to valid and available usernames."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

from anyascii import anyascii

from accounts.services.users import USERNAME
from config.db.ids import new_public_id

_FORBIDDEN: Final = re.compile(r"[^0-9A-Za-z._-]+")
_SIGNS: Final = re.compile(r"['`]+")
_LONGEST: Final = 200
ATTEMPTS: Final = 10
"""Maximum number of alternatives to a taken username."""


def is_username(text: str | None) -> bool:
    """Return whether the text is a valid username."""
    return text is not None and USERNAME.fullmatch(text) is not None


def username_candidates(text: str) -> list[str]:
    """Return the names to try: in Latin letters, then with -2, -3 and so on."""
    text = text[:_LONGEST]
    if not text.isascii():
        text = _SIGNS.sub("", anyascii(text))  # soft signs, such as in Ol'ga
    base = _FORBIDDEN.sub(".", text).strip(".")[:_LONGEST] or "user"
    return [base, *(f"{base}-{number}" for number in range(2, ATTEMPTS + 1))]


def first_free(names: list[str], taken: Container[str]) -> str:
    """Return the first name that is not taken; `taken` is in lower case."""
    for name in names:
        if name.lower() not in taken:
            return name
    return f"{names[0]}-{new_public_id()}"


def name_from(username: str) -> str:
    """Derive a display name: `ann.lee` becomes `Ann Lee` (importers.md 6.1)."""
    words = re.split(r"[\W_]+", username)
    return " ".join(word[:1].upper() + word[1:] for word in words if word)
