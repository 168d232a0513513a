"""Workspaces with odd names, texts, times and sizes, in the database or in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from django.core.files.base import ContentFile
from hypothesis import strategies as st

from accounts.models import EmailAddress, Role, User
from config.files.stored_files import imported_files
from imports_app.exporters.records import (
    ExportedFile,
    ExportedMessage,
    ExportedRoom,
    ExportedUser,
)
from imports_app.importers.room_names import room_name
from imports_app.models import Message, MessageFile, Room, RoomImportId, RoomMember
from imports_app.records import RoomType
from tests.factories import ImportIdFactory, UserFactory
from tests.imports_app.exporters.files import MemoryFiles, stored

ODD = st.text(
    st.one_of(
        st.sampled_from("<>&@#|*_`:;,\"'\n\r\t -/\\()[]{}aZ9é東🎉\u2028\u202e\x7f"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=30,
)
FILLED = ODD.filter(str.strip)
PERSONS = ("ann", "ann.lee", "Bo-Ek", "cy_2")
EVENTS = ("", "uj", "ul", "r", "room_changed_topic", "message_pinned")
TIMES = st.datetimes(
    datetime(1990, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)
).map(lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000))
PICTURE = b"\x89PNG\r\n\x1a\n"

Values = dict[str, Any]

USERS = st.fixed_dictionaries(
    {
        "name": FILLED,
        "status_text": ODD,
        "bio": ODD,
        "utc_offset": st.sampled_from([0, -11, 5.75, 14]),
        "kind": st.sampled_from(User.Kind.values),
        "is_active": st.booleans(),
        "is_guest": st.booleans(),
        "import_ids": st.lists(FILLED, max_size=2, unique=True),
        "addresses": st.integers(0, 2),
        "avatar": st.none() | st.binary(min_size=1, max_size=40),
    }
)
FILES = st.fixed_dictionaries(
    {
        "source_id": FILLED,
        "name": ODD,
        "content_type": st.sampled_from(["", "image/png", "text/html"]),
        "content": st.none() | st.binary(max_size=3000),
        "size": st.none() | st.integers(0, 2**40),
    }
)
MESSAGES = st.fixed_dictionaries(
    {
        "author": st.integers(0, 3),
        "text": ODD,
        "event": st.sampled_from(EVENTS),
        "sent_at": TIMES,
        "edited_at": st.none() | TIMES,
        "editor": st.none() | st.integers(0, 3),
        "thread": st.none() | FILLED,
        "broadcast": st.booleans(),
        "bot": st.booleans(),
        "alias": ODD,
        "mentions": st.lists(st.integers(0, 3), max_size=2, unique=True),
        "reactions": st.dictionaries(
            FILLED, st.lists(st.integers(0, 3), min_size=1, unique=True), max_size=2
        ),
        "attachments": st.lists(
            st.dictionaries(st.sampled_from(["title", "text", "color"]), FILLED),
            max_size=1,
        ),
        "files": st.lists(FILES, max_size=1),
    }
)
ROOMS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["c", "p"]),
        "name": FILLED.map(room_name).filter(bool),
        "topic": ODD,
        "description": ODD,
        "created_at": TIMES,
        "is_archived": st.booleans(),
        "import_ids": st.lists(FILLED, max_size=2, unique=True),
        "members": st.sets(st.integers(0, 3), min_size=1),
        "messages": st.lists(MESSAGES, max_size=4),
    }
)
WORKSPACES = st.fixed_dictionaries(
    {
        "users": st.lists(USERS, min_size=4, max_size=4),
        "rooms": st.lists(
            ROOMS, min_size=1, max_size=3, unique_by=lambda room: room["name"]
        ),
    }
)


def create(workspace: Values) -> None:
    """Create the rooms and users of a workspace."""
    users = [
        _create_user(name, values)
        for name, values in zip(PERSONS, workspace["users"], strict=True)
    ]
    rooms = [_create_room(values, users) for values in workspace["rooms"]]
    direct = Room.objects.create(type="d", member_key="key")
    for user in users[:2]:
        RoomMember.objects.create(room=direct, user=user)
    Message.objects.create(
        room=rooms[0], import_id="gone", author_id="deleted", sent_at=_START, text="x"
    )


_START = datetime(2024, 1, 1, tzinfo=UTC)


def _create_user(name: str, values: Values) -> User:
    user = UserFactory.create(
        username=name,
        roles=Role.objects.filter(name="guest" if values["is_guest"] else "user"),
        **{
            key: values[key]
            for key in ("name", "status_text", "bio", "utc_offset", "kind")
        },
        is_active=values["is_active"],
    )
    for value in values["import_ids"]:
        ImportIdFactory.create(user=user, value=f"{name} {value}")
    for number in range(values["addresses"]):
        EmailAddress.objects.create(user=user, address=f"{number}{name}@x.example")
    if values["avatar"] is not None:
        content = PICTURE + values["avatar"]
        user.avatar_name = imported_files().save("avatars/odd", ContentFile(content))
        user.save()
    return user


def _create_room(values: Values, users: list[User]) -> Room:
    members = sorted(values["members"])
    room = Room.objects.create(
        creator=users[members[0]],
        **{
            key: values[key]
            for key in ("type", "name", "topic", "description", "created_at")
        },
        is_archived=values["is_archived"],
    )
    for value in values["import_ids"]:
        RoomImportId.objects.create(room=room, value=f"{room.name} {value}")
    for member in members:
        RoomMember.objects.create(room=room, user=users[member])
    for number, message in enumerate(values["messages"]):
        _create_message(room, f"m{number}", message, users)
    return room


def _create_message(room: Room, key: str, values: Values, users: list[User]) -> None:
    extras = _extras(
        values,
        [user.public_id for user in users],
        [str(user.username) for user in users],
    )
    message = Message.objects.create(
        room=room,
        import_id=key,
        author=users[values["author"]],
        extras=extras or None,
        **{
            name: values[name]
            for name in ("text", "event", "sent_at", "edited_at", "thread")
        },
    )
    for file in values["files"]:
        _create_file(message, file)


def _extras(values: Values, ids: Sequence[str], names: Sequence[str]) -> Values:
    editor = values["editor"]
    extras = {
        "alias": values["alias"][:255] if values["bot"] else "",
        "bot": values["bot"],
        "broadcast": values["broadcast"],
        "editor": "" if editor is None else ids[editor],
        "mentions": [ids[one] for one in values["mentions"]],
        "reactions": {
            emoji: [names[one] for one in people]
            for emoji, people in values["reactions"].items()
        },
        "attachments": values["attachments"] if any(values["attachments"]) else [],
    }
    return {name: value for name, value in extras.items() if value}


def _create_file(message: Message, values: Values) -> None:
    content = values["content"]
    stored: Values = {"size": values["size"]}
    if content is not None:
        stored = {
            "state": "stored",
            "stored_name": imported_files().save("files/odd", ContentFile(content)),
            "digest": hashlib.sha256(content).hexdigest(),
            "size": len(content),
        }
    MessageFile.objects.create(
        room=message.room,
        message_import_id=message.import_id,
        sent_at=message.sent_at,
        **{name: values[name] for name in ("source_id", "name", "content_type")},
        **stored,
    )


class OddWorkspace(MemoryFiles):
    """The same workspace in memory."""

    id = "TODD"

    def __init__(self, workspace: Values) -> None:
        self._values = workspace

    def users(self) -> Iterator[ExportedUser]:
        for name, values in zip(PERSONS, self._values["users"], strict=True):
            avatar = values["avatar"]
            yield ExportedUser(
                id=f"id-{name}",
                username=name,
                emails=tuple(f"{n}@x.example" for n in range(values["addresses"])),
                import_ids=tuple(values["import_ids"]),
                is_bot=values["kind"] == User.Kind.BOT,
                avatar=None
                if avatar is None
                else stored(f"a {name}", PICTURE + avatar),
                **{
                    key: values[key]
                    for key in ("name", "status_text", "bio", "utc_offset", "is_active")
                },
            )

    def rooms(self) -> Iterator[ExportedRoom]:
        for number, values in enumerate(self._values["rooms"]):
            members = [f"id-{PERSONS[one]}" for one in sorted(values["members"])]
            yield ExportedRoom(
                id=str(number),
                type=RoomType(values["type"]),
                creator=members[0],
                members=tuple(members),
                import_ids=tuple(values["import_ids"]),
                **{
                    key: values[key]
                    for key in (
                        *("name", "topic", "description", "created_at"),
                        "is_archived",
                    )
                },
            )

    def messages(self, room: ExportedRoom) -> Iterator[ExportedMessage]:
        said = self._values["rooms"][int(room.id)]["messages"]
        for number, values in enumerate(sorted(said, key=itemgetter("sent_at"))):
            yield ExportedMessage(
                import_id=f"m{number}",
                author=f"id-{PERSONS[values['author']]}",
                extras=_extras(values, [f"id-{name}" for name in PERSONS], PERSONS),
                files=tuple(
                    _exported_file(f"{room.id} {number} {index}", file)
                    for index, file in enumerate(values["files"])
                ),
                **{
                    name: values[name]
                    for name in ("text", "event", "sent_at", "edited_at", "thread")
                },
            )


def _exported_file(key: str, values: Values) -> ExportedFile:
    content = values["content"]
    if content is None:
        return ExportedFile(
            id=key,
            name=values["name"],
            content_type=values["content_type"],
            size=values["size"],
            source_id=values["source_id"],
        )
    unique = stored(key, content)
    return replace(unique, name=values["name"], content_type=values["content_type"])


def lines_of(content: bytes) -> list[Values]:
    """Return the objects of a file of lines."""
    return [json.loads(line) for line in content.splitlines()]
