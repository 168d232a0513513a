"""Figures with targets."""

from __future__ import annotations

from typing import Any


def at_least(value: float, floor: float) -> dict[str, Any]:
    """Report a figure with a minimum."""
    shown = round(value, 2)
    return {"value": shown, "at_least": floor, "reached": shown >= floor}


def at_most(value: float, ceiling: float) -> dict[str, Any]:
    """Report a figure with a maximum."""
    shown = round(value, 2)
    return {"value": shown, "at_most": ceiling, "reached": shown <= ceiling}
