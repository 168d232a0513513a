"""State of the stand-in for Rocket.Chat, and the conversion of staged records."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

JSON = dict[str, Any]
_MOST_IN_DIRECT: Final = 8


def new_id() -> str:
    """Return a random ID."""
    return secrets.token_hex(12)


@dataclass
class Account:
    """User of the server."""

    username: str
    name: str = ""
    emails: list[str] = field(default_factory=list)
    import_ids: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=lambda: ["user"])
    type: str = "user"
    is_active: bool = True
    avatar_url: str = ""
    id: str = field(default_factory=new_id)

    @property
    def document(self) -> JSON:
        """The account as users.list shows it."""
        return {
            "_id": self.id,
            "username": self.username,
            "name": self.name,
            "emails": [{"address": one, "verified": False} for one in self.emails],
            "type": self.type,
            "active": self.is_active,
            "roles": self.roles,
        }


@dataclass
class FakeRoom:
    """Room of the server."""

    type: str
    name: str | None
    import_ids: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    """IDs of users."""
    topic: str = ""
    description: str = ""
    creator: str = ""
    is_archived: bool = False
    messages: dict[str, JSON] = field(default_factory=dict)
    """By ID."""
    count: int = 0
    """What the server believes to be the number of messages."""
    id: str = field(default_factory=new_id)

    def history(self) -> list[JSON]:
        """Return the messages, newest first."""
        return sorted(
            self.messages.values(),
            key=lambda one: (one["ts"], one["_id"]),
            reverse=True,
        )


@dataclass
class Staging:
    """Records between the preparation and the run of an operation."""

    users: list[JSON] = field(default_factory=list)
    channels: list[JSON] = field(default_factory=list)
    messages: list[JSON] = field(default_factory=list)

    def clear(self) -> None:
        """Delete all records, as every new operation does."""
        self.users, self.channels, self.messages = [], [], []


class Workspace:
    """Users and rooms of the server."""

    def __init__(self) -> None:
        self.accounts: list[Account] = [
            Account("rocket.cat", type="bot", roles=["bot"], import_ids=["rocket.cat"])
        ]
        self.rooms: list[FakeRoom] = [FakeRoom("c", "general", id="GENERAL")]
        self.log: list[str] = []
        """Errors that the server only logs."""

    def account(self, text: str) -> Account | None:
        """Return the account with a username or ID."""
        for one in self.accounts:
            if text in (one.id, one.username):
                return one
        return None

    def room(self, text: str) -> FakeRoom | None:
        """Return the room with a name or ID."""
        for one in self.rooms:
            if text in (one.id, one.name):
                return one
        return None

    def by_import_id(self, import_id: str) -> Account | None:
        """Return the account with an import ID."""
        for one in self.accounts:
            if import_id in one.import_ids:
                return one
        return None

    def convert_users(self, records: Iterable[JSON], *, skips_existing: bool) -> int:
        """Import users; return the number of errors."""
        errors = 0
        for record in records:
            found = self._match(record)
            if found is not None and skips_existing:
                self.log.append(f"duplicate key: {record['username']}")
                errors += 1
            elif found is not None:
                self._overwrite(found, record)
            else:
                self.accounts.append(
                    Account(
                        record.get("username") or record["emails"][0].split("@")[0],
                        record.get("name") or "",
                        list(record["emails"]),
                        list(record["importIds"]),
                        record.get("roles") or ["user"],
                        record.get("type") or "user",
                        not record.get("deleted"),
                        record.get("avatarUrl") or "",
                    )
                )
        return errors

    def _match(self, record: JSON) -> Account | None:
        for import_id in record["importIds"]:
            if found := self.by_import_id(import_id):
                return found
        first = next(iter(record["emails"]), None)
        for one in self.accounts:
            if first and first.lower() in [mail.lower() for mail in one.emails]:
                return one
        username = (record.get("username") or "").lower()
        for one in self.accounts:
            if one.username.lower() == username:
                return one
        return None

    def _overwrite(self, found: Account, record: JSON) -> None:
        found.import_ids += [
            one for one in record["importIds"] if one not in found.import_ids
        ]
        found.name = record.get("name") or found.name
        found.username = record.get("username") or found.username
        found.emails = list(record["emails"]) or found.emails
        found.is_active = not record.get("deleted")
        found.avatar_url = record.get("avatarUrl") or found.avatar_url

    def convert_channels(self, records: Iterable[JSON]) -> int:
        """Import rooms; return the number of errors."""
        errors = 0
        for record in records:
            ids = [self.by_import_id(one) for one in record["users"]]
            members = [one.id for one in ids if one is not None]
            creator = self.by_import_id(record.get("u", {}).get("_id", ""))
            if record["t"] != "d" and creator is None:
                self.log.append(f"importer-channel-invalid-creator: {record['name']}")
                errors += 1
                continue
            room = self._room_of(record, members)
            if room is None:
                room = FakeRoom(
                    record["t"],
                    record.get("name"),
                    members=sorted(set(members) | ({creator.id} if creator else set())),
                    creator=creator.id if creator else "",
                )
                self.rooms.append(room)
            room.topic = record.get("topic") or room.topic
            room.description = record.get("description") or room.description
            room.is_archived = bool(record.get("archived"))
            room.import_ids += [
                one for one in record["importIds"] if one not in room.import_ids
            ]
        return errors

    def _room_of(self, record: JSON, members: list[str]) -> FakeRoom | None:
        for room in self.rooms:
            if set(record["importIds"]) & set(room.import_ids):
                return room
        for room in self.rooms:
            is_pair = record["t"] == "d" and room.type == "d"
            if is_pair and sorted(room.members) == sorted(set(members)):
                return room
            if record["t"] != "d" and room.name == record["name"]:
                return room
        return None

    def convert_messages(self, records: Iterable[JSON]) -> int:
        """Import messages; return the number of errors."""
        rooms = {one: room for room in self.rooms for one in room.import_ids}
        users = {one: user for user in self.accounts for one in user.import_ids}
        errors = 0
        for record in records:
            room, author = rooms.get(record["rid"]), users.get(record["u"]["_id"])
            if room is None or author is None:
                what = "room" if room is None else "user"
                self.log.append(f"importer-message-unknown-{what}: {record}")
                errors += 1
                continue
            message = {**record, "rid": room.id, "u": author.username}
            message["_id"] = record.get("_id") or new_id()
            for import_id in record.get("mentions", ()):
                if mentioned := users.get(import_id):
                    pattern = re.compile(f"@{re.escape(import_id)}", re.IGNORECASE)
                    name = f"@{mentioned.username}"
                    message["msg"] = pattern.sub(name, message["msg"])
            if editor := record.get("editedBy"):
                message["editedBy"] = getattr(users.get(editor), "username", None)
            if message["_id"] not in room.messages:
                room.count += 1
            room.messages[message["_id"]] = message
        return errors

    def bind(self, usernames: Iterable[str]) -> None:
        """Add the username to the import IDs of existing accounts, as CSV does."""
        for username in usernames:
            for one in self.accounts:
                if one.username == username and username not in one.import_ids:
                    one.import_ids.append(username)


def is_too_large(members: list[str]) -> bool:
    """Return whether a group becomes a private room."""
    return len(members) > _MOST_IN_DIRECT
