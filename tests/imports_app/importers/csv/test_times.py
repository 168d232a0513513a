"""Times in CSV files: only unambiguous times are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports_app.importers.csv.archive import CsvImporter
from imports_app.importers.csv.times import DayOrder, find_day_order, read_time
from imports_app.records import MessageRecord, SourceItem
from tests.imports_app.importers.reading import pack, read

MOMENT = 1_600_000_000_000  # 2020-09-13T12:26:40Z
FIRST = datetime(1990, 1, 1, tzinfo=UTC)
MOMENTS = st.datetimes(
    datetime(1990, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)
).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))


def milliseconds_of(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "text",
    [
        *("1600000000000", " 1600000000000 ", "1600000000000.5", "1600000000000."),
        *("2020-09-13T12:26:40Z", "20200913T122640Z", "2020-09-13 14:26:40+02:00"),
        *("2020-09-13T12:26:40.000000+00:00", "2020-09-13T122640Z"),
    ],
)
def test_reads_unambiguous_times(text: str) -> None:
    assert read_time(text) == (MOMENT, "")


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        *(("1600000000", "in-seconds"), ("1600000000.000", "in-seconds")),
        *(("2020-09-13T12:26:40", "without-zone"), ("20200913122640", "without-zone")),
        *(
            ("2020/09/13 12:26:40", "without-zone"),
            ("13.09.2020 12:26:40", "without-zone"),
        ),
        *(
            ("9/13/2020 12:26:40 PM", "without-zone"),
            ("13-09-2020, 12:26:40", "without-zone"),
        ),
        ("20200913T122640", "without-zone"),
    ],
)
def test_reports_guesses(text: str, guess: str) -> None:
    assert read_time(text) == (MOMENT, f"importer-time-{guess}")


def test_reads_excel_dates() -> None:
    assert read_time("44087.5") == (
        1_599_998_400_000,
        "importer-time-excel",
    )


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "yesterday",
            "1.6E+12",
            "1,6E+12",
            "0",
            "1",
            "-1600000000000",
            "+1600000000000",
        ),
        *("160000000000000", "99999", "1e5", "631151999999", "4102444800000", "9" * 40),
        *(
            "2020-13-14",
            "2020-02-30",
            "0020-01-01",
            "1989-12-31",
            "2099-01-01T00:00:00Z",
        ),
        *("03/04/2020", "3.4.2020", "13/13/2020", "1/2/20", "9/13/2020 13:26 PM"),
        *("2020-09", "12:26:40", "\u0661\u0666" * 6 + "\u0661", "nan", "inf", "None"),
    ],
)
def test_ambiguous_times_are_not_read(text: str) -> None:
    assert read_time(text) == (None, "")


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["03/04/2020", "13/04/2020"], DayOrder.DAY),
        (["03/04/2020", "04/13/2020"], DayOrder.MONTH),
        (["03/04/2020"], None),
        (["13/04/2020", "04/13/2020"], None),
        (["2020/04/13", "x", ""], None),
    ],
)
def test_day_after_the_twelfth_determines_the_order(
    texts: list[str], order: DayOrder | None
) -> None:
    assert find_day_order(texts) is order


@given(MOMENTS)
def test_any_time_is_read_from_every_format(moment: datetime) -> None:
    expected = milliseconds_of(moment)
    whole = expected - expected % 1000
    day_is_clear = moment.day > 12
    written = {
        str(expected): expected,
        moment.isoformat(): expected,
        f"{moment:%Y%m%dT%H%M%SZ}": whole,
        f"{moment:%Y-%m-%d %H:%M:%S}": whole,
        f"{moment:%Y%m%d%H%M%S}": whole,
        str(whole // 1000): whole,
    }
    if day_is_clear:
        written[f"{moment:%d.%m.%Y %H:%M:%S}"] = whole
        written[f"{moment:%m/%d/%Y %I:%M:%S %p}"] = whole
    for text, milliseconds in written.items():
        assert read_time(text).milliseconds == milliseconds, text


@given(st.text(max_size=40))
def test_any_text_is_a_plausible_time_or_none(text: str) -> None:
    milliseconds = read_time(text).milliseconds

    assert milliseconds is None or milliseconds >= milliseconds_of(FIRST)


def messages_of(path: Path, rows: str) -> tuple[list[SourceItem], dict[str, Any]]:
    entries = {"channels.csv": "news,,public,\n", "news/1.csv": rows}
    found, notes = read(CsvImporter, pack(path, entries))
    return [one for one in found if isinstance(one.record, MessageRecord)], notes


def test_file_determines_the_order_of_its_dates(tmp_path: Path) -> None:
    rows = "ann,03/04/2020 10:00,a\n" * 30 + "ann,13/04/2020 10:00,b\n"

    found, notes = messages_of(tmp_path / "x.zip", rows)

    days = {
        datetime.fromtimestamp(one.record.sent_at / 1000, UTC).date().isoformat()  # type: ignore[union-attr, operator]
        for one in found
    }
    assert days == {"2020-04-03", "2020-04-13"}
    assert [one.guess for one in found].count("importer-time-day-order") == 30
    assert notes["importer-time-day-order"]["count"] == 30


def test_dates_of_unknown_order_are_not_read(tmp_path: Path) -> None:
    found, notes = messages_of(tmp_path / "x.zip", "ann,03/04/2020 10:00,a\n" * 2)

    assert [one.record.raw_time for one in found] == ["03/04/2020 10:00"] * 2  # type: ignore[union-attr]
    assert not notes.keys() & {"importer-time-day-order"}


def test_message_id_depends_on_the_time_not_its_format(tmp_path: Path) -> None:
    spellings = (
        "1600000000000",
        "2020-09-13T12:26:40Z",
        "1600000000",
        "20200913T122640Z",
    )
    ids = set()
    for number, text in enumerate(spellings):
        found, _notes = messages_of(tmp_path / f"{number}.zip", f"ann,{text},hello\n")
        ids.add(found[0].record.import_ids)

    assert len(ids) == 1
