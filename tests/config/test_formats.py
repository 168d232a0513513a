"""Dates and numbers of the admin."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.utils.formats import localize

from config.admin.formatting import format_time_text


def test_dates_are_sortable_and_times_name_their_zone() -> None:
    assert localize(date(2026, 12, 1)) == "2026-12-01"
    time = localize(datetime(2026, 12, 1, 14, 5, 9, tzinfo=UTC))
    assert time == "2026-12-01 14:05:09 UTC"
    assert 'datetime="2026-12-01T14:05:09+00:00"' in format_time_text(time)
