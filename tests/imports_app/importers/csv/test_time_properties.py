"""Properties of times in any format."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports_app.importers.csv.archive import CsvImporter
from imports_app.records import MessageRecord
from tests.imports_app.importers.reading import pack, read

bounded = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EXCEL: Final = datetime(1899, 12, 30, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
NOW: Final = datetime.now(UTC)
MOMENTS: Final = st.datetimes(
    datetime(1990, 1, 1),
    datetime(NOW.year + 1, 12, 31, 23, 59, 59, 999_000),
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))
ZONE: Final = "+05:30"


def spellings_of(moment: datetime) -> dict[str, datetime]:
    """Return a time in the formats of programs, with the time that each means."""
    whole = moment.replace(microsecond=0)
    minute = whole.replace(second=0)
    seconds = (whole - EPOCH) // timedelta(seconds=1)
    abroad = (moment + timedelta(hours=5, minutes=30)).replace(tzinfo=None)
    thousandth = f"{moment.microsecond // 1000:03}"
    return {
        str(seconds): whole,
        f"{seconds}.{thousandth}": moment,
        f"{seconds}.{thousandth}000": moment,
        moment.isoformat().replace("+00:00", "Z"): moment,
        f"{abroad.isoformat()}{ZONE}": moment,
        f"{whole:%Y-%m-%dT%H:%M:%SZ}": whole,
        f"{whole:%Y-%m-%d %H:%M:%S}": whole,
        f"{moment:%Y-%m-%d %H:%M:%S.%f}": moment,
        f"{whole:%Y%m%dT%H%M%SZ}": whole,
        f"{whole:%Y%m%d%H%M%S}": whole,
        f"{whole:%Y/%m/%d %H:%M:%S}": whole,
        f"{minute:%Y-%m-%d %H:%M}": minute,
        f"{whole:%d.%m.%Y %H:%M:%S}": whole,
        f"{minute:%d/%m/%Y %H:%M}": minute,
    }


def read_times(path: Path, texts: list[str], *, proof: str) -> list[MessageRecord]:
    """Return the same message with its time in each format, in separate files."""
    entries = {"channels.csv": "dock,,public,\n"}
    for number, text in enumerate(texts):
        entries[f"dock/{number:03}.csv"] = f"kai,{text},ahoy\nkai,{proof},proof\n"
    found, _notes = read(CsvImporter, pack(path, entries))
    records = [one.record for one in found]
    return [
        one for one in records if isinstance(one, MessageRecord) and one.text == "ahoy"
    ]


def milliseconds_of(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND


@bounded
@given(MOMENTS)
def test_any_format_of_a_time_gives_the_same_message(
    tmp_path: Path, moment: datetime
) -> None:
    spellings = spellings_of(moment)
    plain = {str(milliseconds_of(one)): one for one in spellings.values()}

    messages = read_times(
        tmp_path / "x.zip", [*spellings, *plain], proof="31.12.2020 10:00"
    )

    moments = [*spellings.values(), *plain.values()]
    assert [one.sent_at for one in messages] == list(map(milliseconds_of, moments))
    ids: dict[int | None, set[str]] = {}
    for one in messages:
        ids.setdefault(one.sent_at, set()).add(one.import_id)
    assert all(len(same) == 1 for same in ids.values())


@bounded
@given(MOMENTS)
def test_american_dates_are_read_in_the_files_order(
    tmp_path: Path, moment: datetime
) -> None:
    whole = moment.replace(microsecond=0)
    texts = [f"{whole:%m/%d/%Y %H:%M:%S}", f"{whole:%m/%d/%Y %I:%M:%S %p}"]

    messages = read_times(tmp_path / "x.zip", texts, proof="12/31/2020 10:00")

    assert [one.sent_at for one in messages] == [milliseconds_of(whole)] * 2


@bounded
@given(MOMENTS)
def test_numbers_of_excel_are_right_to_the_millisecond(
    tmp_path: Path, moment: datetime
) -> None:
    days = (moment - EXCEL) / timedelta(days=1)

    [message] = read_times(
        tmp_path / "x.zip", [f"{days:.10f}"], proof="2020-12-31T10:00:00Z"
    )

    assert message.sent_at == milliseconds_of(moment)
