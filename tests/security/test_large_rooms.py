"""Sources with more references than fit into one SQL statement."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from django.db import DatabaseError, connection

from accounts.models import ImportId, User
from config.db.bulk import insert_rows
from config.db.lookups import find_keys
from imports_app.engine import jobs
from imports_app.engine.matching.rooms import RoomMatcher
from imports_app.engine.matching.user_lookup import UserLookup
from imports_app.engine.matching.users import UserMatcher
from imports_app.errors import InvalidRolesError
from imports_app.models import ImportOperation, Message, Room, RoomMember
from imports_app.records import UserRecord
from imports_app.selection.rules import EVERYTHING
from imports_app.services.operations import create_operation
from imports_app.services.pushes import add_users
from imports_app.services.runs import start_preparing, start_run
from imports_app.services.uploading.uploads import upload_file
from imports_app.statuses import Status
from imports_app.transitions import SERVER, Actor
from tests.security.conftest import Attacks

Lookup = Callable[[list[str]], object]
pytestmark = pytest.mark.django_db

_MEMBERS = 300_000
_KNOWN = 6_000
_MAX_SECONDS = 30.0
"""Several times what it takes on two busy cores; without chunks it fails at once."""


def _import(path: Path, initiator: User) -> ImportOperation:
    operation = upload_file(
        actor=Actor(initiator),
        importer_key="slack",
        file_name=path.name,
        content_type="",
        content=[path.read_bytes()],
        limit=50_000_000,
    )
    start_preparing(operation=operation, actor=SERVER)
    jobs.prepare(operation.pk)
    operation.refresh_from_db()
    start_run(operation=operation, selection=EVERYTHING, actor=Actor(initiator))
    jobs.run(operation.pk)
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

    started = _clock()
    operation = _import(path, admin_user)

    assert _clock() - started < _MAX_SECONDS
    assert operation.status == Status.DONE, operation.error_message
    room = Room.objects.get(name="all")
    # The initiator owns the room, because the source names no creator.
    assert RoomMember.objects.filter(room=room).count() == _KNOWN + 1
    assert room.message_count == 1


def _clock() -> float:
    """Return a time; on SQLite, which works in this process, that of the processor."""
    return time.process_time() if connection.vendor == "sqlite" else time.monotonic()


def _push_roles(names: list[str]) -> None:
    user = UserRecord(import_ids=("U1",), emails=("a@x.org",), roles=tuple(names))
    with pytest.raises(InvalidRolesError):
        add_users(users=[user], actor=SERVER)


def test_lists_beyond_the_limit_of_a_statement_are_looked_up(
    admin_user: User, attacks: Attacks
) -> None:
    operation = create_operation(
        actor=Actor(admin_user), importer_key="api", importer_name="API"
    )
    # SQLite takes up to 250,000 variables; PostgreSQL's protocol 65,535.
    number_of_values = 260_000 if connection.vendor == "sqlite" else 70_000
    values = [f"value-{number}" for number in range(number_of_values)]
    lookups: dict[str, Lookup] = {
        "mentions of a message": UserLookup(by_username=True).find,
        "import ids of a user": lambda ids: UserMatcher(
            [UserRecord(import_ids=tuple(ids), username="x")],
            operation.pk,
            matches_usernames=True,
        ),
        "import ids of a room": lambda ids: RoomMatcher(
            import_ids=ids, names=(), keys=()
        ),
        "names of rooms": lambda names: RoomMatcher(
            import_ids=(), names=names, keys=()
        ),
        "messages of a page": lambda ids: find_keys(
            Message, ("room", "import_id"), {(1, one) for one in ids}
        ),
        "roles of a pushed user": _push_roles,
    }
    for name, look_up in lookups.items():
        started = _clock()
        try:
            look_up(values)
        except DatabaseError:
            attacks.record(name, got_through=True)
        else:
            too_slow = _clock() - started > _MAX_SECONDS
            attacks.record(name, got_through=too_slow)
