"""Bars by day, for the theme's charts, and the same figures as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

OPTIONS: Final = json.dumps(
    {
        "animation": False,
        "maintainAspectRatio": False,
        "interaction": {"mode": "index", "intersect": False},
        "plugins": {
            "legend": {
                "display": True,
                "position": "bottom",
                "labels": {"usePointStyle": True, "pointStyle": "rect"},
            }
        },
        "scales": {
            "x": {
                "stacked": True,
                "grid": {"display": False},
                "ticks": {"maxRotation": 0, "autoSkipPadding": 12},
            },
            "y": {
                "stacked": True,
                "beginAtZero": True,
                "border": {"display": False},
                "ticks": {"precision": 0},
            },
        },
    }
)
"""Nothing moves, for nobody."""


@dataclass(frozen=True, slots=True)
class Look:
    """A colour that holds in light and dark, and a texture to tell it by as well."""

    colour: str
    texture: str = "solid"
    """`solid`, `hatched`, `dotted` or `hollow` (charts.js and admin.css)."""


@dataclass(frozen=True, slots=True)
class Series:
    """One figure of each day."""

    label: str
    look: Look
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures that add up, day by day."""

    title: str
    days: Sequence[date]
    series: Sequence[Series]
    options: str = OPTIONS

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(any(series.numbers) for series in self.series)

    @property
    def data(self) -> str:
        """What the theme's chart draws."""
        return json.dumps(
            {
                "labels": [f"{day:%m-%d}" for day in self.days],
                "datasets": [_dataset(series) for series in self.series],
            }
        )

    @property
    def rows(self) -> Iterator[tuple[date, list[int]]]:
        """The figures of each day that has any, the latest first."""
        figures = zip(*(series.numbers for series in self.series), strict=True)
        by_day = list(zip(self.days, map(list, figures), strict=True))
        return ((day, numbers) for day, numbers in reversed(by_day) if any(numbers))


def _dataset(series: Series) -> dict[str, Any]:
    """Return bars that show also one failure among a million, and nothing for none."""
    return {
        "label": series.label,
        "data": [number or None for number in series.numbers],
        "backgroundColor": series.look.colour,
        "borderColor": series.look.colour,
        "borderWidth": 1,
        "borderRadius": 2,
        "borderSkipped": False,
        "texture": series.look.texture,
        "stack": "all",
        "maxBarThickness": 18,
        "minBarLength": 4,
    }
