"""Sources with more references than one SQL statement takes."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import orjson
import pytest

from accounts.models import ImportId, User
from config.bulk import insert_rows
from imports_app.engine import work
from imports_app.models import ImportOperation, Room, RoomMember
from imports_app.selection import EVERYTHING
from imports_app.services.runs import start_preparing, start_run
from imports_app.services.uploads import upload_file
from imports_app.statuses import Status
from imports_app.transitions import SERVER, Actor

pytestmark = pytest.mark.django_db

_MEMBERS = 300_000
_KNOWN = 6_000
_MAX_SECONDS = 30.0
"""Several times what it takes on two busy cores; without chunks it fails at once."""


def _import(path: Path, starter: User) -> ImportOperation:
    operation = upload_file(
        actor=Actor(starter),
        importer_key="slack",
        file_name=path.name,
        content_type="",
        content=[path.read_bytes()],
        limit=50_000_000,
    )
    start_preparing(operation=operation, actor=SERVER)
    work.prepare(operation.pk)
    operation.refresh_from_db()
    start_run(operation=operation, selection=EVERYTHING, actor=Actor(starter))
    work.run(operation.pk)
    operation.refresh_from_db()
    return operation


def test_slack_room_of_300_000_members_is_imported(
    admin_user: User, tmp_path: Path
) -> None:
    path = tmp_path / "team.zip"
    members = [f"U{number:08}" for number in range(_MEMBERS)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "users.json",
            orjson.dumps([{"id": "U00000000", "name": "ann", "profile": {}}]),
        )
        archive.writestr(
            "channels.json",
            orjson.dumps([{"id": "C1", "name": "all", "members": members}]),
        )
        archive.writestr(
            "all/2024-01-01.json",
            orjson.dumps(
                [
                    {
                        "type": "message",
                        "user": "U00000000",
                        "text": "hello",
                        "ts": "1700000000.000100",
                    }
                ]
            ),
        )
    known = [User(username=f"p{number}", password="!") for number in range(1, _KNOWN)]
    User.objects.bulk_create(known)
    insert_rows(
        ImportId,
        ("user", "value"),
        [(user.pk, members[number]) for number, user in enumerate(known, start=1)],
    )

    started = time.monotonic()
    operation = _import(path, admin_user)

    assert time.monotonic() - started < _MAX_SECONDS
    assert operation.status == Status.DONE, operation.error_message
    room = Room.objects.get(name="all")
    # The starter owns the room, because the source names no creator.
    assert RoomMember.objects.filter(room=room).count() == _KNOWN + 1
    assert room.message_count == 1
