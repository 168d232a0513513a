"""Figures with targets."""

from __future__ import annotations

from typing import Any


def at_least(value: float, floor: float) -> dict[str, Any]:
    """Report a figure with a minimum."""
    return {"value": round(value, 2), "at_least": floor, "reached": value >= floor}


def at_most(value: float, ceiling: float) -> dict[str, Any]:
    """Report a figure with a maximum."""
    return {"value": round(value, 2), "at_most": ceiling, "reached": value <= ceiling}
