"""What is said of a code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Explanation:
    """A code in words, which are translated when they are shown."""

    title: Any
    meaning: Any
    hint: Any
    """What to do about it."""
