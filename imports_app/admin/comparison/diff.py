"""Two values side by side, and in words and signs how the second differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from config.admin.formatting import grouped, span

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Difference:
    """A line of a comparison."""

    name: str
    shown: tuple[Any, Any]
    verdict: str
    """A sign and words: `= same`, `≠ different`, `+12 more`."""
    differs: bool


def of_values(name: str, pair: tuple[str, str]) -> Difference:
    """Tell whether two values are the same."""
    differs = pair[0] != pair[1]
    verdict = _("≠ different") if differs else _("= same")
    return Difference(name, (pair[0] or "-", pair[1] or "-"), verdict, differs)


def of_numbers(
    name: str, pair: tuple[int, int], shown: tuple[str, str] | None = None
) -> Difference:
    """Tell how much more or fewer the second is."""
    verdict = _verdict(pair, grouped, (_("+%s more"), _("-%s fewer")))
    shown = shown or (grouped(pair[0]), grouped(pair[1]))
    return Difference(name, shown, verdict, pair[0] != pair[1])


def of_sizes(name: str, pair: tuple[int | None, int | None]) -> Difference:
    """Tell how much larger or smaller the second is."""
    words = _("+%s larger"), _("-%s smaller")
    return _where_known(
        name, pair, filesizeformat, lambda known: _verdict(known, filesizeformat, words)
    )


def of_moments(
    name: str, pair: tuple[timedelta, timedelta], shown: tuple[str, str]
) -> Difference:
    """Tell how much later or earlier the second is; less than a second is the same."""
    seconds = _seconds(pair)
    verdict = _verdict(seconds, _span, (_("+%s later"), _("-%s earlier")))
    return Difference(name, shown, verdict, seconds[0] != seconds[1])


def of_spans(name: str, pair: tuple[timedelta, timedelta]) -> Difference:
    """Tell how much longer or shorter the second is."""
    seconds = _seconds(pair)
    verdict = _verdict(seconds, _span, (_("+%s longer"), _("-%s shorter")))
    shown = span(pair[0]), span(pair[1])
    return Difference(name, shown, verdict, seconds[0] != seconds[1])


def of_rates(name: str, pair: tuple[float | None, float | None]) -> Difference:
    """Tell by what part the second is faster or slower."""

    def verdict(known: tuple[float, float]) -> str:
        percent = round(100 * known[1] / known[0]) - 100 if known[0] else 0
        words = _("+%s percent faster"), _("-%s percent slower")
        return _verdict((0, percent), grouped, words)

    return _where_known(name, pair, _rate, verdict)


def _where_known(
    name: str,
    pair: tuple[T | None, T | None],
    show: Callable[[T], str],
    verdict: Callable[[tuple[T, T]], str],
) -> Difference:
    """Compare two values of which either may not be known."""
    left, right = pair
    shown = (
        "-" if left is None else show(left),
        "-" if right is None else show(right),
    )
    if left is not None and right is not None:
        return Difference(name, shown, verdict((left, right)), left != right)
    if left is None and right is None:
        return Difference(name, shown, _("= same"), differs=False)
    return Difference(name, shown, _("? not comparable"), differs=True)


def _verdict(
    pair: tuple[int, int], show: Callable[[int], str], words: tuple[str, str]
) -> str:
    left, right = pair
    if left == right:
        return _("= same")
    text = words[0] if right > left else words[1]
    return text % show(abs(right - left))


def _seconds(pair: tuple[timedelta, timedelta]) -> tuple[int, int]:
    return int(pair[0].total_seconds()), int(pair[1].total_seconds())


def _span(seconds: int) -> str:
    return span(timedelta(seconds=seconds))


def _rate(records_per_second: float) -> str:
    return _("%s records/s") % grouped(round(records_per_second))
