"""Response times of pages with large sources."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from imports_app.engine.staging import stage_records
from imports_app.models import ImportOperation
from imports_app.records import ChannelRecord, RoomType, SourceItem, UserRecord
from tests.imports_app.engine.converting import stage
from tests.machine import slowness

USERS = 100_000
ROOMS = 10_000
LIMIT_SECONDS = 1.0
MOST_TRIES = 12
PAGE = 20_000


def staged_items() -> Iterator[SourceItem]:
    for number in range(USERS):
        name = f"user.{number:06}"
        yield SourceItem(
            UserRecord(
                import_ids=(name,),
                username=name,
                name=f"User Number {number}",
                emails=(f"{name}@example.org",),
            ),
            "users.csv",
            number + 1,
        )
    for number in range(ROOMS):
        kind = RoomType.PRIVATE if number % 5 == 0 else RoomType.PUBLIC
        yield SourceItem(
            ChannelRecord(
                import_ids=(f"csv-{kind}-room-{number:05}",),
                type=kind,
                name=f"room-{number:05}",
            ),
            "channels.csv",
            number + 1,
        )


@pytest.fixture
def operation(importer_user: User) -> ImportOperation:
    large = stage(importer_user)
    records = list(staged_items())
    for start in range(0, len(records), PAGE):
        stage_records(large.pk, records[start : start + PAGE])
    return large


def seconds(browser: Client, address: str) -> float:
    """Return the seconds that a page takes; the best of several attempts.

    They are seconds of a quiet machine: each attempt is related to the speed of now.
    """
    best = _once(browser, address)
    for _ in range(MOST_TRIES):
        if best <= LIMIT_SECONDS:
            break
        best = min(best, _once(browser, address))
    return best


def _once(browser: Client, address: str) -> float:
    # SQLite runs in this process, so its CPU time is independent of other load.
    is_within = connection.vendor == "sqlite"
    clock = time.process_time if is_within else time.perf_counter
    slower = slowness(clock)
    started = clock()
    response: Any = browser.get(address)
    assert response.status_code == 200
    return (clock() - started) / slower


def test_pages_over_a_hundred_thousand_records(
    importer_browser: Client, operation: ImportOperation
) -> None:
    pages = f"/admin/imports_app/importoperation/{operation.pk}"
    addresses = [
        f"{pages}/select/",
        f"{pages}/select/?page=1999",
        f"{pages}/select/?q=0999&trait=new",
        f"{pages}/select/?kind=channel&trait=private",
        f"{pages}/change/",
        f"/admin/imports_app/importrecord/?operation__id__exact={operation.pk}",
    ]

    slow = {
        address: taken
        for address in addresses
        if (taken := seconds(importer_browser, address)) > LIMIT_SECONDS
    }

    assert slow == {}
