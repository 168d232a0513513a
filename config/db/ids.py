"""Public IDs (`_id` in the API)."""

from __future__ import annotations

import os
from typing import Final

PUBLIC_ID_LENGTH: Final = 17
# Without ambiguous characters: 0/O, 1/I/l, U/V (wire-api.md 3.3).
_ALPHABET: Final = b"23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"
_TABLE: Final = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))
_EXCESS: Final = bytes(range(256 - 256 % len(_ALPHABET), 256))
"""Bytes that would make the first characters more frequent than the others."""


def new_public_id() -> str:
    """Return 17 random characters without ambiguous ones."""
    chosen = b""
    while len(chosen) < PUBLIC_ID_LENGTH:
        chosen += os.urandom(2 * PUBLIC_ID_LENGTH).translate(_TABLE, _EXCESS)
    return chosen[:PUBLIC_ID_LENGTH].decode()
