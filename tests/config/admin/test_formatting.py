"""Formatting of times in the admin."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from config.admin.formatting import (
    format_age,
    format_clock,
    format_time,
    format_time_text,
)
from tests.factories import ImportOperationFactory, OperationEventFactory

NOON = datetime(2026, 11, 24, 12, 0, 7, 430000, UTC)


def test_a_time_is_short_in_utc_and_exact_in_its_title() -> None:
    told = format_time(NOON)

    assert told.endswith(">2026-11-24 12:00 UTC</time>")
    assert 'title="2026-11-24 12:00:07 UTC"' in told
    assert 'datetime="2026-11-24T12:00:07.430000+00:00"' in told
    assert format_time(None, missing="never") == "never"


def test_a_time_below_its_day_has_no_date() -> None:
    told = format_clock(NOON, day=NOON.date())
    other = format_clock(NOON + timedelta(days=1), day=NOON.date())

    assert told.endswith(">12:00</time>")
    assert 'title="2026-11-24 12:00:07 UTC"' in told
    assert 'datetime="2026-11-24T12:00:07.430000+00:00"' in told
    assert other.endswith(">2026-11-25 12:00</time>")
    assert format_clock(None, day=NOON.date()) == ""


def test_a_formatted_date_and_time_becomes_a_time_element() -> None:
    told = format_time_text("2026-11-24 12:00:07 UTC")

    assert told.endswith(">2026-11-24 12:00:07 UTC</time>")
    assert 'datetime="2026-11-24T12:00:07+00:00"' in told
    assert format_time_text("-") == "-"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s ago"), (-5, "0 s ago"), (12, "12 s ago"), (3700, "1 h 1 min ago")],
)
def test_an_age_is_text_and_not_announced(seconds: int, words: str) -> None:
    told = format_age(timezone.now() - timedelta(seconds=seconds))

    assert told.endswith(f">{words}</time>")
    assert 'class="ago" aria-live="off"' in told
    assert f'data-seconds="{max(seconds, 0)}"' in told
    assert format_age(None) == "-"


def test_pages_hold_times_that_a_script_can_show_in_the_viewers_zone(
    importer_browser: Client,
) -> None:
    operation = ImportOperationFactory.create(created_at=NOON, heartbeat_at=NOON)
    OperationEventFactory.create(operation=operation, created_at=NOON)

    for path in (f"{operation.pk}/change/", ""):
        page = importer_browser.get(
            f"/admin/imports_app/importoperation/{path}"
        ).content.decode()

        assert re.search(r'<script src="[^"]*local_times[^"]*\.js">', page)
        bare = re.sub(r"<time\b.*?</time>", "", page)
        assert "UTC" not in bare.replace("(UTC)", "")
