"""Bar charts by day, with the same figures as a table."""

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
"""Options of Chart.js. Animations are off, as for users who prefer reduced motion."""


@dataclass(frozen=True, slots=True)
class Look:
    """Color for light and dark themes, and a texture as an alternative to it."""

    color: str
    texture: str = "solid"
    """`solid`, `hatched`, `slanted`, `lined`, `barred`, `crossed`, `checked`, `dotted`
    or `hollow`.

    They are drawn by charts.js and history.css.
    """


@dataclass(frozen=True, slots=True)
class Series:
    """One figure for each day."""

    label: str
    look: Look
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked figures by day."""

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
        """Data of the theme's chart as JSON."""
        return json.dumps(
            {
                "labels": [f"{day:%m-%d}" for day in self.days],
                "datasets": [_dataset(series) for series in self.series],
            }
        )

    @property
    def rows(self) -> Iterator[tuple[date, list[int]]]:
        """Days with figures, the latest first."""
        figures = zip(*(series.numbers for series in self.series), strict=True)
        by_day = list(zip(self.days, map(list, figures), strict=True))
        return ((day, numbers) for day, numbers in reversed(by_day) if any(numbers))


def _dataset(series: Series) -> dict[str, Any]:
    """Return the data of one series, with a minimum bar length for small numbers.

    Zero becomes null, so that it has no bar.
    """
    return {
        "label": series.label,
        "data": [number or None for number in series.numbers],
        "backgroundColor": series.look.color,
        "borderColor": series.look.color,
        "borderWidth": 1,
        "borderRadius": 2,
        "borderSkipped": False,
        "texture": series.look.texture,
        "stack": "all",
        "maxBarThickness": 18,
        "minBarLength": 4,
    }
