"""Times as people and spreadsheets write them: read for sure, as a guess, or failed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.cases.importing import (
    Counted,
    Failure,
    Import,
    messages_in,
    texts_in,
)
from tests.cases.tables import LOG, ImportTable, at, dock, times_in, workbook, written

NOON = datetime(2021, 3, 1, 12, tzinfo=UTC)
INVALID = "importer-message-invalid-timestamp"


def log(*times: str) -> str:
    """Return a room's file; each message says how its time is written."""
    return written([["kai", text, f"at {text}"] for text in times])


@pytest.mark.parametrize(
    "text",
    [
        *("1614600000000", " 1614600000000 ", "1614600000000.0"),
        *("2021-03-01T12:00:00Z", "2021-03-01T13:00:00+01:00", "20210301T120000Z"),
        *("2021-03-01 12:00:00+00:00", "2021-03-01T12:00:00.000000000Z"),
    ],
)
def test_unambiguous_times_are_not_guesses(bring_in_tables: Import, text: str) -> None:
    imported = bring_in_tables(dock(log(text)))

    assert list(times_in("dock").values()) == [NOON]
    assert imported.guesses == {}
    assert imported.exit_status == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1614600000", "importer-time-in-seconds"),
        ("1614600000.000", "importer-time-in-seconds"),
        ("2021-03-01 12:00:00", "importer-time-without-zone"),
        ("2021-03-01T12:00", "importer-time-without-zone"),
        ("2021/03/01 12:00", "importer-time-without-zone"),
        ("20210301120000", "importer-time-without-zone"),
        ("44256.5", "importer-time-excel"),
    ],
)
def test_times_that_rest_on_a_guess_are_read_and_counted(
    bring_in_tables: Import, text: str, code: str
) -> None:
    imported = bring_in_tables(dock(log(text)))

    assert list(times_in("dock").values()) == [NOON]
    assert imported.guesses == {code: 1}
    assert imported.files_of(code) == [LOG]
    assert imported.guessed("message") == 1
    assert f"Guessed: {imported.text_of(code)}" in imported.printed
    assert imported.exit_status == 0


def test_times_that_can_not_be_read_fail_one_by_one_with_their_value(
    bring_in_tables: Import,
) -> None:
    bad = [
        *("1.6146E+12", "1.60000E+12", "1,6E+12", "1614600000000000", "-1", "0", ""),
        *("Mon, 1 Mar 2021 12:00:00 GMT", "Mar 1, 2021 12:00 PM", "yesterday"),
        *("2021-02-30", "2021-13-01T00:00:00Z", "1989-12-31T00:00:00Z", "12:00"),
        *("2199-01-01T00:00:00Z", "4102444800000", "1,614,600,000,000"),
    ]

    imported = bring_in_tables(dock(log(*bad, at())))

    assert texts_in("dock") == [f"at {at()}"]
    assert imported.failures == [
        Failure(LOG, line, INVALID) for line in range(1, len(bad) + 1)
    ]
    for value, reason in zip(bad, imported.reasons, strict=True):
        assert repr(value) in reason
        assert "ISO 8601" in reason
    assert imported.guesses == {}
    assert imported.exit_status == 1


@pytest.mark.parametrize(
    ("proof", "unclear", "day"),
    [
        ("13.03.2021 12:00", "01.04.2021 12:00", "2021-04-01"),
        ("31/01/2021 9:05", "02/01/2021 10:00:30", "2021-01-02"),
        ("3/13/2021 1:00 PM", "4/1/2021 11:00 AM", "2021-04-01"),
        ("03/13/2021", "02/01/2021", "2021-02-01"),
    ],
)
def test_a_day_over_twelve_proves_the_order_for_its_file(
    bring_in_tables: Import, proof: str, unclear: str, day: str
) -> None:
    imported = bring_in_tables(
        dock(log(unclear, proof)) | {"dock/others.csv": log(unclear)}
    )

    assert times_in("dock")[f"at {unclear}"].date().isoformat() == day
    assert imported.guesses == {
        "importer-time-day-order": 1,
        "importer-time-without-zone": 1,
    }
    assert imported.failures == [Failure("dock/others.csv", 1, INVALID)]
    assert "order of day and month" in imported.reasons[0]
    assert imported.exit_status == 1


def test_a_day_far_down_proves_the_order_of_the_first_dates(
    bring_in_tables: Import,
) -> None:
    texts = [f"03/04/2021 10:{minute:02}" for minute in range(40)]

    imported = bring_in_tables(dock(log(*texts, "25/04/2021 10:00")))

    days = {moment.date().isoformat() for moment in times_in("dock").values()}
    assert days == {"2021-04-03", "2021-04-25"}
    assert imported.guesses["importer-time-day-order"] == 40


def test_contradicting_dates_prove_no_order(bring_in_tables: Import) -> None:
    imported = bring_in_tables(dock(log("13.03.2021", "3.25.2021", "02.03.2021")))

    assert texts_in("dock") == ["at 13.03.2021", "at 3.25.2021"]
    assert imported.failures == [Failure(LOG, 3, INVALID)]


def test_am_and_pm_tell_the_halves_of_a_day(bring_in_tables: Import) -> None:
    bring_in_tables(
        dock(log("3/13/2021 12:05 AM", "3/13/2021 12:05 PM", "3/13/2021 11:00 pm"))
    )

    assert [one.sent_at.hour for one in messages_in("dock")] == [0, 12, 23]


def test_direct_messages_prove_the_order_in_their_own_column(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(
        dock()
        | {
            "directmessages/d.csv": "kai,lea,01.02.2021 10:00,early\n"
            "lea,kai,15.02.2021 10:00,late\n"
        }
    )

    assert {text: one.month for text, one in times_in("kai/lea").items()} == {
        "early": 2,
        "late": 2,
    }
    assert imported.guesses["importer-time-day-order"] == 1


def test_a_corrected_file_duplicates_nothing(bring_in_tables: Import) -> None:
    spoiled = f"kai,1.6146E+12,first\nlea,{at(1)},second\n"
    first = bring_in_tables(dock(spoiled))
    assert texts_in("dock") == ["second"]

    again = bring_in_tables(
        dock(f"kai,{at()},first\nlea,2021-03-01T12:00:01Z,second\n")
    )

    assert texts_in("dock") == ["first", "second"]
    assert first.counted("message") == Counted(imported=1, failed=1)
    assert again.counted("message") == Counted(imported=1, unchanged=1)


def test_the_same_moment_in_another_format_is_the_same_message(
    bring_in_tables: Import,
) -> None:
    spellings = [
        *("1614600000", "2021-03-01T12:00:00Z", "20210301T120000Z", "44256.5"),
        *("2021-03-01 12:00:00", "2021/03/01 12:00"),
    ]
    bring_in_tables(dock(f"kai,{at()},ahoy\n"))

    imported = bring_in_tables(
        dock()
        | {
            f"dock/{number}.csv": f"kai,{text},ahoy\n"
            for number, text in enumerate(spellings)
        }
    )

    assert texts_in("dock") == ["ahoy"]
    assert imported.counted("message") == Counted(unchanged=len(spellings))


def test_dates_of_a_workbook_are_read_as_its_cells_show_them(
    bring_in_table: ImportTable,
) -> None:
    imported = bring_in_table(
        workbook(
            users=[["kai", "kai@harbour.example", "Kai Holm"]],
            channels=[["dock", "kai", "public", ""]],
            dock=[
                ["author", "time", "text"],
                ["kai", NOON.replace(tzinfo=None), "a date"],
                ["kai", int(at(1)), "a number"],
                ["kai", "2021-03-01T12:00:02Z", "a text"],
                ["kai", "soon", "words"],
            ],
        )
    )

    seconds = {text: one.second for text, one in times_in("dock").items()}
    assert seconds == {"a date": 0, "a number": 1, "a text": 2}
    assert imported.guesses == {"importer-time-without-zone": 1}
    assert imported.failures == [Failure("sheet dock", 5, INVALID)]


def test_messages_of_one_minute_keep_the_order_of_their_lines(
    bring_in_tables: Import,
) -> None:
    texts = [f"line {number}" for number in range(20)]

    bring_in_tables(
        dock(written([["kai", "2021-03-01 12:00", text] for text in texts]))
    )

    assert texts_in("dock") == texts


def test_messages_with_an_empty_text_are_kept_and_counted(
    bring_in_tables: Import,
) -> None:
    rows = f'kai,{at(1)},\nlea,{at(2)}\nkai,{at(3)},"  "\nlea,{at(4)},text\n'

    imported = bring_in_tables(dock(rows))

    assert len(texts_in("dock")) == 4
    assert imported.warnings["importer-message-without-text"] == 3
    assert imported.exit_status == 0
