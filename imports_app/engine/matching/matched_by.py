"""How a record is recognised as what is here already."""

from __future__ import annotations

from enum import Enum, auto


class MatchedBy(Enum):
    """What led to an account or a room that is there already."""

    IMPORT_ID = auto()
    """The source's own id: an import from the same source made or completed it."""
    EMAIL = auto()
    NAME = auto()
