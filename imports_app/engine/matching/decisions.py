"""Decisions of users, applied before and during matching.

If a decision can no longer be applied, its record fails: the engine never replaces a
decision with a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from accounts.models import User
from config.db.bulk import in_chunks
from imports_app.engine.matching.decision_rights import may_match, readable_rooms
from imports_app.engine.outcomes import RecordOutcome
from imports_app.models import Decision, DecisionAction, ImportRecord, Outcome, Room
from imports_app.records import ChannelRecord, Kind, RoomType, UserRecord, record_of

_LONGEST_ID: Final = 255
SKIPPED: Final = RecordOutcome(
    Outcome.SKIPPED, "importer-decision-skip", "Skipped by a decision in the review."
)
TARGET_MISSING: Final = RecordOutcome(
    Outcome.FAILED,
    "importer-decision-target-missing",
    "The user or room of the decision no longer exists. Change the decision, then"
    " import again.",
)
NOT_ALLOWED: Final = RecordOutcome(
    Outcome.FAILED,
    "importer-decision-not-allowed",
    "The user who made the decision no longer has the permission. Let another user"
    " make the decision, then import again.",
)
_NAME_TAKEN: Final = "importer-decision-name-taken"
_ADDRESS_TAKEN: Final = "importer-decision-address-taken"
EXISTS: Final = RecordOutcome(
    Outcome.FAILED,
    "importer-decision-exists",
    "The decision creates a user with another username, but the import ID now belongs"
    " to an existing user. Change the decision, then import again.",
)
WOULD_PUBLISH: Final = RecordOutcome(
    Outcome.FAILED,
    "importer-decision-privacy",
    "The room of the decision is public, and this room is private in the source."
    " Select another room in the decision, then import again.",
)
FAILED_DECISIONS: Final = frozenset(
    {
        *(one.code for one in (TARGET_MISSING, NOT_ALLOWED, EXISTS, WOULD_PUBLISH)),
        *(_NAME_TAKEN, _ADDRESS_TAKEN),
    }
)
"""Codes of records whose decision could not be applied."""


def name_taken(name: str) -> RecordOutcome:
    """Return the failure of a decision whose name is taken."""
    return RecordOutcome(
        Outcome.FAILED,
        _NAME_TAKEN,
        f"The name {name[:80]!r} in the decision is already taken. Enter another"
        " name in the decision, then import again.",
    )


def address_taken(address: str) -> RecordOutcome:
    """Return the failure of a decision whose e-mail address is taken."""
    return RecordOutcome(
        Outcome.FAILED,
        _ADDRESS_TAKEN,
        f"The e-mail address {address[:80]!r} in the decision now belongs to another"
        " user. Enter another address in the decision, then import again.",
    )


def match_note(name: str) -> str:
    """Return the note of a record that a decision matches with this user or room."""
    return f"By decision, matched with {name!r}."


class Decisions:
    """Decisions of an import. One query, and no others if there are none.

    Users who are merged share one record: the data of the user whom the others are
    merged into, with the import IDs and addresses of all. So the result does not depend
    on the order of the source.
    """

    def __init__(self, operation_id: int) -> None:
        self._operation_id = operation_id
        self._by_key: dict[tuple[str, str], Decision] = {}
        for one in Decision.objects.of_operation(operation_id):
            self._by_key[one.kind, one.import_id] = one
        self._authors: dict[str, User | None] = {}
        self._readable: dict[str, set[int]] = {}
        self._merged = self._merge_users()
        self._decided_usernames = {
            str(one.value["username"]).lower()
            for one in self._of(Kind.USER)
            if "username" in one.value
        }
        self._decided_room_names = {
            str(one.value["name"])
            for one in self._of(Kind.CHANNEL)
            if "name" in one.value
        }

    def _of(self, kind: Kind) -> Iterable[Decision]:
        return (one for one in self._by_key.values() if one.kind == kind)

    def __bool__(self) -> bool:
        return bool(self._by_key)

    def about_user(self, record: UserRecord) -> Decision | None:
        """Return the decision about a user of `rewritten_user`, or `None`."""
        return self._by_key.get((Kind.USER, record.import_ids[0][:_LONGEST_ID]))

    def about_room(self, record: ChannelRecord) -> Decision | None:
        """Return the decision about a room, or `None`."""
        return self._by_key.get((Kind.CHANNEL, record.import_ids[0][:_LONGEST_ID]))

    def rewritten_user(self, record: UserRecord) -> UserRecord | None:
        """Return the record with its decision applied; `None` if it is skipped."""
        first = record.import_ids[0][:_LONGEST_ID]
        merged = self._merged.get(first)
        decision = self.about_user(record)
        if merged is not None:
            record = merged
        elif decision is not None and decision.action == DecisionAction.MERGE:
            # The other user is not staged, as in a retry.
            ids = dict.fromkeys((decision.target, *record.import_ids))
            record = replace(record, import_ids=tuple(ids))
        decision = self.about_user(record)
        if decision is None:
            return record
        if decision.action == DecisionAction.SKIP:
            return None
        username = decision.value.get("username") or record.username
        if decision.action == DecisionAction.MATCH:  # also a record without any name
            username = username or decision.target_name
        email = decision.value.get("email")
        emails = (email,) if email else record.emails
        return replace(record, username=username, emails=emails)

    def rewritten_room(self, record: ChannelRecord) -> ChannelRecord | None:
        """Return the record with its decision applied; `None` if it is skipped."""
        decision = self.about_room(record)
        if decision is None:
            return record
        if decision.action == DecisionAction.SKIP:
            return None
        if decision.action == DecisionAction.MATCH:
            return replace(record, name=decision.target_name)
        return replace(
            record,
            name=decision.value.get("name") or record.name,
            type=RoomType.PRIVATE if decision.value.get("private") else record.type,
        )

    def note(self, kind: Kind, import_id: str) -> str:
        """Return the note about the decision on a record; empty without a decision."""
        decision = self._by_key.get((kind, import_id))
        if decision is None:
            return ""
        if decision.action == DecisionAction.MERGE:
            return f"By decision, merged with {decision.target_name!r} of the source."
        if decision.action == DecisionAction.MATCH:
            return match_note(decision.target_name)
        values = ", ".join(
            name if value is True else f"{name} {value!r}"
            for name, value in decision.value.items()
        )
        return f"By decision: {values}."

    def _merge_users(self) -> dict[str, UserRecord]:
        """Return the common record of users who are merged, by first import ID."""
        members: dict[str, list[str]] = {}
        for one in self._of(Kind.USER):
            if one.action == DecisionAction.MERGE:
                members.setdefault(one.target, [one.target]).append(one.import_id)
        wanted = [key for keys in members.values() for key in keys]
        staged: dict[str, UserRecord] = {}
        users = ImportRecord.objects.of_kind(self._operation_id, Kind.USER)
        for chunk in in_chunks(wanted):
            for row in users.filter(import_id__in=chunk, is_unreadable=False):
                record = record_of(Kind.USER, row.data)
                if isinstance(record, UserRecord):
                    staged.setdefault(row.import_id, record)
        merged: dict[str, UserRecord] = {}
        for kept, keys in members.items():
            records = [staged[key] for key in keys if key in staged]
            if kept not in staged:
                continue
            common = replace(
                staged[kept],
                import_ids=_all(record.import_ids for record in records),
                emails=_all(record.emails for record in records),
            )
            merged |= dict.fromkeys(keys, common)
        return merged

    def is_named_by_decision(self, record: UserRecord) -> bool:
        """Return whether a record has another record's decided username.

        The record is another person, who must not be matched with the user of the
        decision.
        """
        decision = self.about_user(record)
        if decision is not None and "username" in decision.value:
            return False
        return (record.username or "").lower() in self._decided_usernames

    def is_decided_room_name(self, name: str) -> bool:
        """Return whether a room of the source gets this name by a decision.

        Other rooms of this name must not be matched with it.
        """
        return name in self._decided_room_names

    def find_users(self, records: Iterable[UserRecord]) -> dict[str, User]:
        """Return the users whom records are matched with, by public ID. One query."""
        decisions = map(self.about_user, records)
        found: dict[str, User] = {}
        for chunk in in_chunks(_targets_of(decisions)):
            users = User.objects.filter(public_id__in=chunk)
            found |= {user.public_id: user for user in users}
        return found

    def room_names(self) -> dict[str, str]:
        """Return the decided names of rooms by import ID."""
        return {
            one.import_id: one.value["name"]
            for one in self._of(Kind.CHANNEL)
            if "name" in one.value
        }

    def room_targets(self, records: Iterable[ChannelRecord]) -> list[str]:
        """Return the public IDs of the rooms that records are merged into."""
        return _targets_of(map(self.about_room, records))

    def may_match(self, decision: Decision, user: User, *, is_privileged: bool) -> bool:
        """Return whether the author of a decision still has the right to make it."""
        author = self._author(decision)
        return may_match(author, user, is_privileged=is_privileged)

    def may_merge_into(self, decision: Decision, room: Room) -> bool:
        """Return whether the author of a decision still has the right to make it."""
        if decision.made_by not in self._readable:
            targets: list[Room] = []
            for chunk in in_chunks(_targets_of(self._of(Kind.CHANNEL))):
                targets += Room.objects.filter(public_id__in=chunk)
            readable = readable_rooms(self._author(decision), targets)
            self._readable[decision.made_by] = readable
        return room.pk in self._readable[decision.made_by]

    def _author(self, decision: Decision) -> User | None:
        public_id = decision.made_by
        if public_id not in self._authors:
            found = User.objects.filter(public_id=public_id, is_active=True)
            self._authors[public_id] = found.first()
        return self._authors[public_id]

    def identities(self) -> dict[str, User | str | None]:
        """Return the users of import IDs with decisions.

        The value is the user of a match, the import ID of the user of a merge, or
        `None` for a match that can't be applied. At most two queries for each 500
        decisions, and two for each author of decisions.
        """
        matches = [
            one for one in self._of(Kind.USER) if one.action == DecisionAction.MATCH
        ]
        found: dict[str, User] = {}
        privileged: set[int] = set()
        for chunk in in_chunks(_targets_of(matches)):
            users = User.objects.filter(public_id__in=chunk)
            found |= {user.public_id: user for user in users}
            higher = User.objects.privileged().filter(public_id__in=chunk)
            privileged.update(higher.values_list("pk", flat=True))
        people: dict[str, User | str | None] = {}
        for one in matches:
            user = found.get(one.target)
            if user is not None and not self.may_match(
                one, user, is_privileged=user.pk in privileged
            ):
                user = None
            people |= dict.fromkeys((one.import_id, *one.import_ids), user)
        for one in self._of(Kind.USER):
            if one.action == DecisionAction.MERGE:
                ids = (one.import_id, *one.import_ids)
                people |= dict.fromkeys(ids, one.target)
        return people


def _targets_of(decisions: Iterable[Decision | None]) -> list[str]:
    return [
        one.target
        for one in decisions
        if one is not None and one.action == DecisionAction.MATCH
    ]


def _all(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the distinct texts of all groups, in order."""
    return tuple(dict.fromkeys(text for group in groups for text in group))
