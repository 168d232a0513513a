"""Golden bodies, byte by byte."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def golden(name: str) -> bytes:
    """Return the exact body of a case."""
    return (_FOLDER / f"{name}.json").read_bytes().rstrip(b"\n")
