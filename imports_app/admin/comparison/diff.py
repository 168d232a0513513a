"""Comparison of two values, with the difference as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from config.admin.formatting import format_duration, format_number
from imports_app.admin.columns import span_label

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Difference:
    """Line of a comparison."""

    name: str
    shown: tuple[Any, Any]
    difference: str
    """Text, such as `= same`, `≠ different` or `12 more`."""
    differs: bool


def compare_values(name: str, pair: tuple[str, str]) -> Difference:
    """Compare two values for equality."""
    differs = pair[0] != pair[1]
    difference = _("≠ different") if differs else _("= same")
    return Difference(name, (pair[0] or "-", pair[1] or "-"), difference, differs)


def compare_counts(name: str, pair: tuple[int | None, int | None]) -> Difference:
    """Compare two counts, either of which may not have been counted."""
    if (left := pair[0]) is not None and (right := pair[1]) is not None:
        return compare_numbers(name, (left, right))
    shown = [
        _("not counted") if count is None else format_number(count) for count in pair
    ]
    differs = pair[0] != pair[1]
    difference = _("? not comparable") if differs else _("= same")
    return Difference(name, (shown[0], shown[1]), difference, differs)


def compare_numbers(
    name: str, pair: tuple[int, int], shown: tuple[str, str] | None = None
) -> Difference:
    """Compare two numbers: how many more or fewer."""
    difference = _difference_text(pair, format_number, (_("%s more"), _("%s fewer")))
    shown = shown or (format_number(pair[0]), format_number(pair[1]))
    return Difference(name, shown, difference, pair[0] != pair[1])


def compare_sizes(name: str, pair: tuple[int | None, int | None]) -> Difference:
    """Compare two sizes in bytes: how much larger or smaller."""
    words = _("%s larger"), _("%s smaller")
    return _compare_known(
        name,
        pair,
        filesizeformat,
        lambda known: _difference_text(known, filesizeformat, words),
    )


def compare_times(
    name: str, pair: tuple[timedelta, timedelta], shown: tuple[str, str]
) -> Difference:
    """Compare two times: how much later or earlier, in whole seconds."""
    seconds = _seconds(pair)
    difference = _difference_text(seconds, _span, (_("%s later"), _("%s earlier")))
    return Difference(name, shown, difference, seconds[0] != seconds[1])


def compare_durations(
    name: str, pair: tuple[timedelta | None, timedelta | None]
) -> Difference:
    """Compare two durations: how much longer or shorter, in whole seconds."""

    def describe(known: tuple[int, int]) -> str:
        return _difference_text(known, _span, (_("%s longer"), _("%s shorter")))

    def show(seconds: int) -> str:
        return span_label(timedelta(seconds=seconds))

    left, right = (
        None if length is None else int(length.total_seconds()) for length in pair
    )
    return _compare_known(name, (left, right), show, describe)


def compare_rates(name: str, pair: tuple[float | None, float | None]) -> Difference:
    """Compare two speeds: how much faster or slower, in percent."""

    def describe(known: tuple[float, float]) -> str:
        percent = round(100 * known[1] / known[0]) - 100 if known[0] else 0
        words = _("%s%% faster"), _("%s%% slower")
        return _difference_text((0, percent), format_number, words)

    return _compare_known(name, pair, _rate, describe)


def _compare_known(
    name: str,
    pair: tuple[T | None, T | None],
    show: Callable[[T], str],
    describe: Callable[[tuple[T, T]], str],
) -> Difference:
    """Compare two values, either of which may be unknown."""
    left, right = pair
    shown = (
        "-" if left is None else show(left),
        "-" if right is None else show(right),
    )
    if left is not None and right is not None:
        return Difference(name, shown, describe((left, right)), left != right)
    if left is None and right is None:
        return Difference(name, shown, _("= same"), differs=False)
    return Difference(name, shown, _("? not comparable"), differs=True)


def _difference_text(
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
    return format_duration(timedelta(seconds=seconds))


def _rate(records_per_second: float) -> str:
    return _("%s records/s") % format_number(round(records_per_second))
