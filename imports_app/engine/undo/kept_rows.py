"""Decisions on the rows that undo must keep, with the reasons.

Preview and undo use the same code. A row is kept if a later import used it, if a user
changed it, if other data that is kept refers to it, or if the actor may not change it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Model

from accounts.auth.rights import Rights, rights_of
from accounts.models import EmailAddress, ImportId, User
from accounts.services.activity import Author
from config.db.bulk import in_chunks
from config.db.lookups import find_rows
from imports_app.engine.undo.later_use import LaterUse, OwnRows
from imports_app.engine.undo.packing import (
    StoredChange,
    column_value,
    fingerprint_of,
)
from imports_app.engine.undo.references import references_to, referred_rows
from imports_app.models import (
    ImportOperation,
    JournalTable,
    Message,
    MessageFile,
    MessagePosition,
    Room,
    RoomImportId,
    RoomMember,
)

USER_COLUMNS: Final = (
    *("username", "name", "kind", "is_active", "bio", "nickname", "status_text"),
    "utc_offset",
)
"""Columns that users may change."""
_OWN_TABLES: Final[tuple[type[Model], ...]] = (
    *(EmailAddress, ImportId, User.roles.through, RoomMember, Room, Message),
    *(RoomImportId, MessageFile, MessagePosition),
)
"""Tables that refer to users or rooms and have checks of their own or are removed with
them."""
_USER_DETAILS: Final[Mapping[JournalTable, Any]] = {
    JournalTable.USER_ROLE: User.roles.through,
    JournalTable.EMAIL: EmailAddress,
    JournalTable.USER_IMPORT_ID: ImportId,
}
_ROOM_DETAILS: Final[Mapping[JournalTable, Any]] = {
    JournalTable.MEMBER: RoomMember,
    JournalTable.ROOM_IMPORT_ID: RoomImportId,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Reason why a row is kept."""

    code: str
    message: str


CHANGED: Final = Reason(
    "importer-undo-changed", "A user or another import changed it after the import."
)
HAS_LOGIN: Final = Reason(
    "importer-undo-has-login",
    "The user has a password, a token or other data of a login. Delete the user"
    " manually if needed.",
)
NOT_ALLOWED: Final = Reason(
    "importer-undo-not-allowed",
    "The user has permissions that you don't have. Ask an administrator to delete or"
    " change the user.",
)
REFERRED: Final = Reason(
    "importer-undo-referred", "Other data refers to it, and this data is kept."
)
_VERIFIED: Final = Reason(
    "importer-undo-changed", "The e-mail address was verified after the import."
)


def fingerprint_of_user(user: User) -> str:
    """Return a digest of the columns of a user that users may change."""
    return fingerprint_of([column_value(user, name) for name in USER_COLUMNS])


class KeptRows:
    """Decisions for one import and one actor."""

    def __init__(self, operation: ImportOperation, by: Author) -> None:
        self._later = LaterUse(operation.pk)
        self._own = OwnRows(operation.pk)
        self._by = by
        self._assumed: dict[JournalTable, dict[int, dict[str, Any]]] = {}
        self._decided: dict[JournalTable, dict[int, Reason | None]] = {}
        self._rights: Rights | None = None

    def begin(self) -> None:
        """Clear the decisions at the start of a transaction.

        Within a transaction, a user and the user's roles are kept or removed together.
        """
        self._decided.clear()
        self._rights = None

    def _beyond_rights(self, keys: Collection[int]) -> dict[int, Reason]:
        """Return the users whom the actor may not change, by key."""
        if self._rights is None:
            self._rights = rights_of(self._by)
        return dict.fromkeys(self._rights.users_beyond(keys), NOT_ALLOWED)

    def assume(
        self, table: JournalTable, rows: Mapping[int, Mapping[str, Any]]
    ) -> None:
        """Treat rows as restored, for the preview of earlier changes.

        Args:
            table: The table.
            rows: Previous values by key.
        """
        self.begin()
        for key, values in rows.items():
            self._assumed.setdefault(table, {}).setdefault(key, {}).update(values)

    def assumed(self, table: JournalTable, key: int) -> Mapping[str, Any]:
        """Return the assumed values of a row, by column."""
        return self._assumed.get(table, {}).get(key, {})

    def decides_messages(self) -> bool:
        """Return whether any message may have to be kept."""
        return self._later.has_any(JournalTable.MESSAGE)

    def messages(self, keys: Collection[int]) -> dict[int, Reason]:
        """Return the reasons for messages that must stay, by key."""
        return self._used(JournalTable.MESSAGE, keys)

    def files(self, keys: Collection[int]) -> dict[int, Reason]:
        """Return the reasons for files that must stay: their messages stay."""
        if not self.decides_messages():
            return {}
        places: dict[int, tuple[int, str]] = {}
        for chunk in in_chunks(keys):
            rows = MessageFile.objects.filter(pk__in=chunk)
            for pk, room, message in rows.values_list(
                "pk", "room_id", "message_import_id"
            ):
                places[pk] = (room, message)
        unique = ("room", "import_id")
        found = find_rows(Message, unique, ("id",), set(places.values()))
        messages = {place: row[0] for place, row in found.items()}
        used = self.messages(set(messages.values()))
        return {
            pk: used[messages[place]]
            for pk, place in places.items()
            if place in messages and messages[place] in used
        }

    def rooms(self, keys: Collection[int]) -> dict[int, Reason]:
        """Return the reasons for rooms that must stay."""
        return self._decide(JournalTable.ROOM, keys, self._decide_rooms)

    def _decide_rooms(self, keys: Collection[int]) -> dict[int, Reason]:
        other = self._with_other_rows(_ROOM_DETAILS, "room", keys)
        used = self._used(JournalTable.ROOM, keys)
        return {**_referred(Room, keys), **dict.fromkeys(other, CHANGED), **used}

    def _decide(
        self,
        table: JournalTable,
        keys: Collection[int],
        decide: Callable[[Collection[int]], dict[int, Reason]],
    ) -> dict[int, Reason]:
        """Decide about rows once."""
        decided = self._decided.setdefault(table, {})
        missing = [key for key in keys if key not in decided]
        if missing:
            reasons = decide(missing)
            decided |= {key: reasons.get(key) for key in missing}
        return {key: reason for key in keys if (reason := decided.get(key)) is not None}

    def members(self, keys: Collection[int]) -> dict[int, Reason]:
        """Return the reasons for memberships that must stay: the room may stay."""
        rows: list[tuple[int, int]] = []
        for chunk in in_chunks(keys):
            found = RoomMember.objects.filter(pk__in=chunk)
            rows += found.values_list("pk", "room_id")
        rooms = {room for _pk, room in rows}
        kept = self.rooms(self._own.of(JournalTable.ROOM, rooms))
        used = self._used(JournalTable.MEMBER, keys)
        return {pk: kept[room] for pk, room in rows if room in kept} | used

    def room_details(self, rooms: Mapping[int, int]) -> dict[int, Reason]:
        """Return the reasons for details that must stay, by key; given their rooms."""
        wanted = set(rooms.values())
        own = self._own.of(JournalTable.ROOM, wanted)
        kept = self.rooms(own) | self.changes_of_rooms(wanted - own)
        return {pk: kept[room] for pk, room in rooms.items() if room in kept}

    def user_details(self, users: Mapping[int, int]) -> dict[int, Reason]:
        """Return the reasons for details that must stay, by key; given their users."""
        wanted = set(users.values())
        own = self._own.of(JournalTable.USER, wanted)
        kept = self.users(own) | self.changes_of_users(wanted - own)
        return {pk: kept[user] for pk, user in users.items() if user in kept}

    def verified(self, keys: Collection[int]) -> dict[int, Reason]:
        """Return the reasons for e-mail addresses that must stay, by key."""
        verified: dict[int, Reason] = {}
        for chunk in in_chunks(keys):
            rows = EmailAddress.objects.filter(pk__in=chunk, verified=True)
            pks = rows.values_list("pk", flat=True)
            verified |= dict.fromkeys(pks, _VERIFIED)
        return verified

    def changes_of_users(self, keys: Collection[int]) -> dict[int, Reason]:
        """Return the reasons why existing users can't be changed back, by key."""
        return self._used(JournalTable.USER, keys) | self._beyond_rights(keys)

    def workspaces(self, keys: Collection[int]) -> dict[int, Reason]:
        """Return the reasons for prefixes of import IDs that must stay, by key."""
        return self._used(JournalTable.WORKSPACE, keys)

    def changes_of_rooms(self, keys: Collection[int]) -> dict[int, Reason]:
        """Return the reasons why existing rooms can't be changed back, by key."""
        return self._used(JournalTable.ROOM, keys)

    def users(self, keys: Collection[int]) -> dict[int, Reason]:
        """Return the reasons for created users that must stay, by key."""
        return self._decide(JournalTable.USER, keys, self._decide_users)

    def _decide_users(self, keys: Collection[int]) -> dict[int, Reason]:
        fingerprints = self._own.fingerprints(keys)
        changed: set[int] = set()
        with_login: set[int] = set()
        for chunk in in_chunks(keys):
            for user in User.objects.filter(pk__in=chunk):
                for name, value in self.assumed(JournalTable.USER, user.pk).items():
                    setattr(user, name, value)
                if fingerprint_of_user(user) != fingerprints.get(user.pk):
                    changed.add(user.pk)
                if not user.password.startswith(UNUSABLE_PASSWORD_PREFIX):
                    with_login.add(user.pk)
        return {
            **self._referred_users(keys),
            **dict.fromkeys(
                self._with_other_rows(_USER_DETAILS, "user", keys) | changed, CHANGED
            ),
            **dict.fromkeys(with_login, HAS_LOGIN),
            **self._beyond_rights(keys),
            **self._used(JournalTable.USER, keys),
        }

    def _referred_users(self, keys: Collection[int]) -> dict[int, Reason]:
        """Return the users to whom other data refers: logins, memberships, rooms."""
        kept = _referred(User, keys)
        members: dict[int, int] = {}
        rooms: dict[int, int] = {}
        for chunk in in_chunks(keys):
            joined = RoomMember.objects.filter(user__in=chunk)
            members |= dict(joined.values_list("pk", "user_id"))
            made = Room.objects.filter(creator__in=chunk)
            rooms |= {pk: user or 0 for pk, user in made.values_list("pk", "creator")}
        own_members = self._own.of(JournalTable.MEMBER, members)
        own_rooms = self._own.of(JournalTable.ROOM, rooms)
        staying = [
            *(members[pk] for pk in members.keys() - own_members),
            *(members[pk] for pk in self.members(own_members)),
            *(rooms[pk] for pk in rooms.keys() - own_rooms),
            *(rooms[pk] for pk in self.rooms(own_rooms)),
        ]
        return kept | dict.fromkeys(staying, REFERRED)

    def _with_other_rows(
        self, tables: Mapping[JournalTable, Any], owner: str, keys: Collection[int]
    ) -> set[int]:
        """Return users or rooms with details that are not the import's.

        These are from users or from later imports.
        """
        other: set[int] = set()
        for table, model in tables.items():
            owners: dict[int, int] = {}
            for chunk in in_chunks(keys):
                rows = model.objects.filter(**{f"{owner}__in": chunk}).order_by()
                owners |= dict(rows.values_list("pk", owner))
            own = self._own.of(table, owners)
            other.update(key for pk, key in owners.items() if pk not in own)
        return other

    def _used(self, table: JournalTable, keys: Collection[int]) -> dict[int, Reason]:
        return {
            key: _used_by(name) for key, name in self._later.of(table, keys).items()
        }


def changed_columns(
    change: StoredChange, current: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Compare a row with the values that the import wrote.

    Args:
        change: The change of the import.
        current: The row's values now.

    Returns:
        The previous values of the columns that still have the import's values, and
        the names of the other columns.
    """
    restored = {}
    others = []
    for name, value in change.items():
        if fingerprint_of(current[name]) == value.fingerprint:
            restored[name] = value.before
        else:
            others.append(name)
    return restored, others


def _used_by(name: str) -> Reason:
    if not name:
        return _USED_BY_DELETED
    return Reason(
        "importer-undo-used-later",
        f"Used by the later import {name}. Undo that import first.",
    )


_USED_BY_DELETED: Final = Reason(
    "importer-undo-used-later", "Used by a later import, which was deleted."
)


def _referred(model: type[Model], keys: Collection[int]) -> dict[int, Reason]:
    """Return the rows that any other table refers to, by key."""
    found: dict[int, Reason] = {}
    for app, references in references_to(model, _OWN_TABLES).items():
        reason = HAS_LOGIN if app == User._meta.app_label else REFERRED
        found |= dict.fromkeys(referred_rows(model, references, keys), reason)
    return found
