"""Numbering of messages with the same ID."""

from __future__ import annotations

from imports_app.importers.slack.duplicate_times import DuplicateTimes


def test_numbers_different_messages_in_order() -> None:
    times = DuplicateTimes()

    assert [times.number("a", (text,)) for text in "xyxzy"] == [1, 2, 1, 3, 2]
    assert times.number("b", ("y",)) == 1


def test_memory_is_constant() -> None:
    times = DuplicateTimes()
    times.number("first", ("x",))
    for number in range(10_000):
        times.number(str(number), ("x",))
    assert times.number("first", ("y",)) == 2

    for number in range(200_000):
        times.number(str(number), ("x",))

    assert len(times._recent) + len(times._older) <= 20_000
