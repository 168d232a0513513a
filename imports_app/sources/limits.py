"""Limits for reading archives."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Maximum numbers and sizes in an archive."""

    unpacked_bytes: int
    """Total of all entries."""
    entry_bytes: int
    ratio: int
    """Ratio of unpacked to packed size, for the whole archive."""
    entries: int
