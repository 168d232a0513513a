"""Public IDs (`_id` in the API)."""

from __future__ import annotations

import secrets
from typing import Final

PUBLIC_ID_LENGTH: Final = 17
# Without ambiguous characters: 0/O, 1/I/l, U/V (wire-api.md 3.3).
_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"


def new_public_id() -> str:
    """Return 17 random characters without ambiguous ones."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(PUBLIC_ID_LENGTH))
