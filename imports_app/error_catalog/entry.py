"""Entry of the error catalog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Explanation:
    """Title, meaning and hint of a code, translated when they are displayed."""

    title: Any
    meaning: Any
    hint: Any
    """Recommended action for the user."""
