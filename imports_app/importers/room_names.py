"""Names of rooms: allowed characters, and names for display."""

from __future__ import annotations

import re
from typing import Final

from config.unicode import normalized

_FORBIDDEN: Final = re.compile(r"[^\w.-]+")
_PREFIX: Final = re.compile(r"(?:csv-[cp]-|csv-unlisted-|slack-unlisted-)")
"""Prefixes of import IDs that importers derive from a room's name."""


def room_name(text: str | None) -> str:
    """Return the text as a room name; empty if it has no allowed characters."""
    # Letters with combining marks, as in names from macOS, would lose the marks.
    return _FORBIDDEN.sub("-", normalized("NFC", text or "")).strip("-")


def room_label(import_id: str) -> str:
    """Return the displayed name of a room: the name in its import ID, or the ID."""
    prefix = _PREFIX.match(import_id)
    return import_id[prefix.end() :] if prefix is not None else import_id
