"""Lower bound: messages of an import and their files, written by the driver alone.

`python -m tests.bench.bare_rows ARCHIVE IMPORTER` prints JSON. The rows are those that
the import writes, into the same tables with the same indexes: on SQLite by one
`executemany` per table, on PostgreSQL by COPY in pages of 500, each in a transaction.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import django
from django.core.management import call_command
from django.db import connection, transaction

if TYPE_CHECKING:
    from imports_app.records import MessageRecord

_PAGE: Final = 500
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MESSAGE: Final = ("room_id", "import_id", "author_id", "sent_at", "text")
_EXTRAS: Final = ("event", "thread", "edited_at", "extras")
"""Columns of messages with more than a text."""
_FILE: Final = (
    *("room_id", "message_import_id", "source_id", "name", "content_type", "size"),
    *("url", "sent_at", "state"),
)


def write_rows(path: Path, importer_key: str) -> dict[str, Any]:
    """Return the messages per second of bare inserts."""
    from imports_app.engine.jobs import limits
    from imports_app.importers.base import ImportContext
    from imports_app.importers.registry import find_importer
    from imports_app.models import Room
    from imports_app.records import MessageRecord

    call_command("migrate", verbosity=0)
    importer = find_importer(importer_key)
    assert importer is not None
    rooms: dict[str, int] = {}
    said: list[tuple[Any, ...]] = []
    files: list[tuple[Any, ...]] = []
    for found in importer().read(ImportContext(path, limits())):
        record = found.record
        if not isinstance(record, MessageRecord):
            continue
        if record.room not in rooms:
            room = Room.objects.create(type="c", name=f"room-{len(rooms)}")
            rooms[record.room] = room.pk
        said.append(_message_row(record, rooms[record.room]))
        files += _file_rows(record, rooms[record.room])
    has_extras = any(row[len(_MESSAGE) :] != ("", None, None, None) for row in said)
    columns = (*_MESSAGE, *_EXTRAS) if has_extras else _MESSAGE
    said = [row[: len(columns)] for row in said]
    seconds = _timed("imports_app_message", columns, said)
    seconds += _timed("imports_app_messagefile", _FILE, files)
    return {"messages_per_second": round(len(said) / seconds)}


def _message_row(record: MessageRecord, room: int) -> tuple[Any, ...]:
    extras = {
        "mentions": list(record.mentions or ()),
        "reactions": record.reactions,
        "attachments": record.attachments,
    }
    extras = {name: value for name, value in extras.items() if value}
    return (
        *(room, record.import_id, record.author[:17], _moment(record.sent_at)),
        *(record.text, record.event, record.thread, _moment(record.edited_at)),
        json.dumps(extras) if extras else None,
    )


def _file_rows(record: MessageRecord, room: int) -> list[tuple[Any, ...]]:
    return [
        (
            *(room, record.import_id, file["id"], file["name"]),
            *(file["content_type"], file["size"], file["url"]),
            *(_moment(record.sent_at), "waiting"),
        )
        for file in record.files or ()
    ]


def _moment(milliseconds: int | None) -> Any:
    if milliseconds is None:
        return None
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return connection.ops.adapt_datetimefield_value(moment)


def _timed(
    table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> float:
    target = f"{table} ({', '.join(columns)})"
    started = time.perf_counter()
    if connection.vendor == "sqlite":
        places = ", ".join(["%s"] * len(columns))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {target} VALUES ({places})", rows)  # noqa: S608 - our tables
        return time.perf_counter() - started
    for start in range(0, len(rows), _PAGE):
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            cursor.cursor.copy(f"COPY {target} FROM STDIN") as copy,
        ):
            for row in rows[start : start + _PAGE]:
                copy.write_row(row)
    return time.perf_counter() - started


if __name__ == "__main__":
    django.setup()
    print(json.dumps(write_rows(Path(sys.argv[1]), sys.argv[2])))  # noqa: T201 - it is what we are for
