"""Times as people and spreadsheets write them."""

from __future__ import annotations

from typing import Final

from tests.archives.tables.draft import DOCK, TablesDraft, TablesOddity
from tests.cases.tables import written

_NOON: Final = 1_614_686_400_000
"""2021-03-02 12:00 UTC, which no other oddity uses."""
_EXACT: Final = (
    (str(_NOON), _NOON),
    ("2021-03-02T12:00:00Z", _NOON),
    ("2021-03-02T13:00:00+01:00", _NOON),
    ("20210302T120000Z", _NOON),
)
_GUESSED: Final = (
    ("1614686400", _NOON, "importer-time-in-seconds"),
    ("1614686400.5", _NOON + 500, "importer-time-in-seconds"),
    ("2021-03-02 12:00:00", _NOON, "importer-time-without-zone"),
    ("20210302120000", _NOON, "importer-time-without-zone"),
    ("44257.5", _NOON, "importer-time-excel"),
)
_BAD: Final = (
    *("", "yesterday", "1.6E+12", "0", "12", "1989-12-31T00:00:00Z", "99999999999999"),
    *("2999-01-01T00:00:00Z", "2021-13-45", "03/04/2021 12:00", "25:00"),
)


def exact_times(draft: TablesDraft) -> None:
    """Times that mean one moment."""
    rows = []
    for number, (time, moment) in enumerate(_EXACT):
        text = f"exact {number}"
        draft.say(DOCK, "kai", text, time=moment)
        rows.append(["kai", time, text])
    draft.files[f"{DOCK}/exact.csv"] = written(rows)


def guessed_times(draft: TablesDraft) -> None:
    """Times that are read with a guess that the report says."""
    rows = []
    for number, (time, moment, code) in enumerate(_GUESSED):
        text = f"guess {number}"
        draft.say(DOCK, "kai", text, time=moment)
        draft.effect.guess(code, "message")
        rows.append(["kai", time, text])
    draft.files[f"{DOCK}/guess.csv"] = written(rows)


def unreadable_times(draft: TablesDraft) -> None:
    """Times that mean nothing, or that lost their digits."""
    file = f"{DOCK}/no-times.csv"
    draft.files[file] = written([["kai", time, "when?"] for time in _BAD])
    for line in range(1, len(_BAD) + 1):
        draft.fail(file, line, "importer-message-invalid-timestamp")


def dates_with_proven_order(draft: TablesDraft) -> None:
    """Dates by day and month, in a file that proves their order, or both orders."""
    for name, sure, moment in (
        ("days", "25/03/2021 12:00", 1_617_451_200_000),
        ("months", "03/25/2021 12:00", 1_614_859_200_000),
    ):
        draft.say(DOCK, "kai", f"sure {name}", time=1_616_673_600_000)
        draft.say(DOCK, "kai", f"unclear {name}", time=moment)
        draft.files[f"{DOCK}/{name}.csv"] = written(
            [
                ["kai", "03/04/2021 12:00", f"unclear {name}"],
                ["kai", sure, f"sure {name}"],
            ]
        )
        draft.effect.guess("importer-time-day-order", "message")
        draft.effect.guess("importer-time-without-zone", "message")
    draft.say(DOCK, "kai", "first", time=1_616_673_600_000)
    draft.say(DOCK, "kai", "second", time=1_616_673_600_000)
    file = f"{DOCK}/both.csv"
    draft.files[file] = written(
        [
            ["kai", "25/03/2021 12:00", "first"],
            ["kai", "03/25/2021 12:00", "second"],
            ["kai", "03/04/2021 12:00", "unclear"],
        ]
    )
    for _ in range(2):
        draft.effect.guess("importer-time-without-zone", "message")
    draft.fail(file, 3, "importer-message-invalid-timestamp")


ODDITIES: Final[tuple[TablesOddity, ...]] = (
    exact_times,
    guessed_times,
    unreadable_times,
    dates_with_proven_order,
)
