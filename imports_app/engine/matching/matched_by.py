"""Attributes by which records match existing users or rooms."""

from __future__ import annotations

from enum import Enum, auto


class MatchedBy(Enum):
    """Attribute by which a record matches an existing user or room."""

    IMPORT_ID = auto()
    """Import ID, from an earlier import of the same source."""
    EMAIL = auto()
    NAME = auto()
    MEMBERS = auto()
    """The members of a direct room."""
    DECISION = auto()
    """Decision of a user."""
