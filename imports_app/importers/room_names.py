"""What rooms can be called here."""

from __future__ import annotations

import re
from typing import Final

_FORBIDDEN: Final = re.compile(r"[^\w.-]+")


def room_name(text: str | None) -> str:
    """Return a name as it can stand after a `#`; empty if nothing is left of it."""
    return _FORBIDDEN.sub("-", text or "").strip("-")
