"""Fill a workspace, or export it and measure that within the process.

`python -m tests.bench.export_run fill NUMBER`
`python -m tests.bench.export_run FORMAT FOLDER`

Each export runs in its own process, so that the peak memory is its own. Prints JSON.
"""

from __future__ import annotations

import json
import logging
import random
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

import django
from django.core.management import call_command
from django.db import transaction

_USERS: Final = 200
_ROOMS: Final = 15
_PAGE: Final = 5_000
_START: Final = datetime(2020, 1, 1, tzinfo=UTC)
_COLUMNS: Final = (
    *("room", "import_id", "author", "sent_at", "text", "event", "thread"),
    *("edited_at", "extras"),
)
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "mattermost": {"team": "bench", "mail_domain": "bench.example"}
}
"""Options that formats need."""


def fill(number: int) -> dict[str, Any]:
    """Create users, rooms and messages, a tenth of which are replies."""
    from accounts.models import User
    from config.db.bulk import insert_rows
    from imports_app.models import Message, Room, RoomMember

    call_command("migrate", verbosity=0)
    users = User.objects.bulk_create(
        User(username=f"user{key}", name=f"User {key}") for key in range(_USERS)
    )
    rooms = Room.objects.bulk_create(
        Room(type="c", name=f"room{key}", creator=users[0]) for key in range(_ROOMS)
    )
    RoomMember.objects.bulk_create(
        RoomMember(room=room, user=user) for room in rooms for user in users
    )
    people = [(user.public_id, user.username) for user in users]
    rows = _rows(number, [room.pk for room in rooms], people)
    while page := list(islice(rows, _PAGE)):
        with transaction.atomic():
            insert_rows(Message, _COLUMNS, page)
    return {"messages": Message.objects.count()}


def _rows(
    number: int, rooms: list[int], people: list[tuple[str, str | None]]
) -> Iterator[tuple[Any, ...]]:
    chance = random.Random(1)  # noqa: S311 - sample data
    words = [
        "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 10)))
        for _ in range(3_000)
    ]
    roots: dict[int, str] = {}
    for key in range(number):
        room = rooms[key % len(rooms)]
        author, _name = chance.choice(people)
        sent_at = _START + timedelta(seconds=20 * key)
        is_reply = key % 10 == 9 and room in roots
        extras: dict[str, Any] = {}
        text = " ".join(chance.choices(words, k=12))
        if key % 20 == 0:
            extras["reactions"] = {":tada:": [name for _key, name in people[:3]]}
        if key % 25 == 0:
            mentioned, name = people[key % len(people)]
            text += f" @{name} *look* at https://bench.example/{key}"
            extras["mentions"] = [mentioned]
        import_id = f"bench-{key}"
        if not is_reply:
            roots[room] = import_id
        yield (
            *(room, import_id, author, sent_at, text, ""),
            roots[room] if is_reply else None,
            sent_at + timedelta(minutes=1) if key % 50 == 0 else None,
            extras or None,
        )


def export(file_format: str, folder: Path) -> dict[str, Any]:
    """Export the workspace."""
    from imports_app.engine.exports.selection import Selection
    from imports_app.engine.exports.workspace import SelectedWorkspace
    from imports_app.engine.exports.writing import exporter_of, write_export
    from imports_app.exporters.parts import Limits

    workspace = SelectedWorkspace(Selection(), on_messages=lambda _number: None)
    options = _OPTIONS.get(file_format, {})
    exporter = exporter_of(file_format, folder, workspace, Limits(), options)
    started, worked = time.perf_counter(), time.process_time()
    result, _manifest = write_export(exporter)
    seconds = time.perf_counter() - started
    processor = time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "messages": result.messages,
        "seconds": round(seconds, 2),
        "processor_seconds": round(processor, 2),
        "messages_per_second": round(result.messages / seconds),
        "messages_per_processor_second": round(result.messages / processor),
        "peak_megabytes": round(peak, 1),
    }


if __name__ == "__main__":
    django.setup()
    logging.disable()
    command, argument = sys.argv[1:]
    answer = (
        fill(int(argument)) if command == "fill" else export(command, Path(argument))
    )
    print(json.dumps(answer))  # noqa: T201 - it is what we are for
