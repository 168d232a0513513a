"""Limits on what is read of an archive."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much of an archive is read at most."""

    unpacked_bytes: int
    """Of all entries together."""
    entry_bytes: int
    ratio: int
    """Unpacked to packed size of the whole archive."""
    entries: int
