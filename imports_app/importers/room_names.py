"""Conversion of room names to the characters that this server allows."""

from __future__ import annotations

import re
from typing import Final

_FORBIDDEN: Final = re.compile(r"[^\w.-]+")


def room_name(text: str | None) -> str:
    """Return the text as a room name; empty if it has no allowed characters."""
    return _FORBIDDEN.sub("-", text or "").strip("-")
