"""The floor: the rows of an import, written by a bare `executemany`.

`python -m tests.bench.bare_rows ARCHIVE` prints JSON. The rows are those that the
import writes, a staged record and a message each, into the same tables with the same
indexes.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import django
from django.core.management import call_command
from django.db import connection, transaction

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def write_rows(path: Path) -> dict[str, Any]:
    """Return how many messages a second bare inserts take."""
    from imports_app.engine.work import limits
    from imports_app.importers.base import ImportContext
    from imports_app.importers.csv_archive import CsvImporter
    from imports_app.models import ImportOperation, Room
    from imports_app.records import Found, MessageRecord, data_of

    call_command("migrate", verbosity=0)
    operation = ImportOperation.objects.create(importer_key="csv", importer_name="CSV")
    rooms: dict[str, int] = {}
    staged, said = [], []

    def add(found: Found, record: MessageRecord) -> None:
        if record.room not in rooms:
            room = Room.objects.create(type="c", name=f"room-{len(rooms)}")
            rooms[record.room] = room.pk
        data = json.dumps(data_of(record))
        staged.append(
            (
                *(operation.pk, "message", record.import_id, data, False, "staged"),
                *("", "", found.file, found.line),
            )
        )
        sent_at = _EPOCH + timedelta(milliseconds=record.sent_at or 0)
        moment = connection.ops.adapt_datetimefield_value(sent_at)
        author = record.author[:17]
        row = (rooms[record.room], record.import_id, author, moment, record.text)
        said.append(row)

    for found in CsvImporter().read(ImportContext(path, limits())):
        if isinstance(found.record, MessageRecord):
            add(found, found.record)
    staging = _timed(
        "INSERT INTO imports_app_importrecord (operation_id, kind, import_id, data,"
        " is_unreadable, outcome, code, message, source_file, source_line)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        staged,
    )
    messages = _timed(
        "INSERT INTO imports_app_message (room_id, import_id, author_id, sent_at, text)"
        " VALUES (%s, %s, %s, %s, %s)",
        said,
    )
    return {
        "all_rows": round(len(said) / (staging + messages)),
        "messages_alone": round(len(said) / messages),
    }


def _timed(sql: str, rows: Sequence[tuple[Any, ...]]) -> float:
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(sql, rows)
    return time.perf_counter() - started


if __name__ == "__main__":
    django.setup()
    print(json.dumps(write_rows(Path(sys.argv[1]))))  # noqa: T201 - it is what we are for
