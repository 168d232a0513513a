"""Validation of decisions about rooms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accounts.models import User
from config.db.bulk import in_chunks
from imports_app.engine.matching.decision_rights import readable_rooms
from imports_app.importers.room_names import room_name
from imports_app.models import (
    Decision,
    DecisionAction,
    ImportOperation,
    ImportRecord,
    Room,
    RoomImportId,
)
from imports_app.records import ChannelRecord, Kind, RoomType
from imports_app.services.review.choices import (
    LONGEST_NAME,
    Choice,
    Problem,
    Staged,
    owners_of_texts,
)


class RoomChecks:
    """Checks of decisions about rooms."""

    def __init__(
        self,
        operation: ImportOperation,
        choices: list[Choice],
        staged: Staged,
        kept: Iterable[Decision],
        person: User | None,
    ) -> None:
        self._staged = staged
        self._person = person
        rooms = [one for one in kept if one.kind == Kind.CHANNEL]
        names = [(one.import_id, one.value.get("name", "")) for one in rooms]
        names += [(one.import_id, one.name) for one in choices]
        self._decided_names = owners_of_texts(names)
        self._targets: dict[str, Room] = {}
        matched = [one for one in choices if one.action == DecisionAction.MATCH]
        for chunk in in_chunks(one.target for one in matched):
            found = Room.objects.filter(public_id__in=chunk)
            self._targets |= {room.public_id: room for room in found}
        self._readable = readable_rooms(person, self._targets.values())
        renaming = [one for one in choices if one.name]
        self._named: set[str] = set()
        for chunk in in_chunks(one.name for one in renaming):
            named = Room.objects.filter(name__in=chunk)
            self._named |= {str(name) for name in named.values_list("name", flat=True)}
        self._identified: dict[str, str] = {}
        ids = (
            key
            for one in renaming
            for key in staged[one.kind, one.import_id].import_ids
        )
        for chunk in in_chunks(ids):
            known = RoomImportId.objects.filter(value__in=chunk)
            rows = known.values_list("value", "room__name")
            self._identified |= {value: name or "" for value, name in rows}
        self._named_in_source: dict[str, set[str]] = {}
        if renaming:
            decided = {import_id for import_id, name in names if name}
            staged_rooms = ImportRecord.objects.of_kind(operation.pk, Kind.CHANNEL)
            for import_id, name in staged_rooms.names().iterator():
                if name and import_id not in decided:
                    key = room_name(name).lower()
                    self._named_in_source.setdefault(key, set()).add(import_id)

    def target_name(self, choice: Choice) -> str:
        """Return the name of the existing room."""
        is_match = choice.action == DecisionAction.MATCH
        return str(self._targets[choice.target]) if is_match else ""

    def problem_of(self, choice: Choice) -> Problem | None:
        """Return why a decision is refused, or `None`."""
        record = self._staged[choice.kind, choice.import_id]
        if not isinstance(record, ChannelRecord) or record.type is RoomType.DIRECT:
            text = (
                "direct messages are selected together. Make decisions about their"
                " members instead."
            )
            return Problem(choice, text)
        if choice.action == DecisionAction.MATCH:
            return self._match_problem(choice, record)
        if choice.action == DecisionAction.CHANGE:
            reason = next(self._change_problems(choice, record), "")
            return Problem(choice, reason) if reason else None
        return None

    def _match_problem(self, choice: Choice, record: ChannelRecord) -> Problem | None:
        room = self._targets.get(choice.target)
        if room is None or room.pk not in self._readable:
            # The same error in both cases, so that users can't find private rooms.
            text = (
                f"there is no room with the ID {choice.target[:40]!r} that you may"
                " read."
            )
            return Problem(choice, text, is_forbidden=room is not None)
        if room.type == Room.Type.DIRECT:
            return Problem(choice, "a room can't be merged into direct messages.")
        if record.type is RoomType.PRIVATE and room.type == Room.Type.PUBLIC:
            text = (
                f"a private room can't be merged into the public room {room}: its"
                " messages would become public."
            )
            return Problem(choice, text)
        return None

    def _change_problems(self, choice: Choice, record: ChannelRecord) -> Iterator[str]:
        name = choice.name
        if not name and not choice.is_private:
            yield "enter another name, or make the room private."
        if not name:
            return
        if room_name(name) != name or len(name) > LONGEST_NAME:
            yield (
                f"the room name {name[:40]!r} is not valid. Use up to {LONGEST_NAME}"
                " letters, digits, hyphens, dots and underscores."
            )
        owners = [
            self._identified[key]
            for key in record.import_ids
            if key in self._identified
        ]
        if owners and owners[0] != name:
            yield (
                f"the room already exists as {owners[0]}, and imports don't rename"
                " existing rooms."
            )
        if not owners and name in self._named:
            yield f"the room name {name!r} is taken. Use another name, or merge."
        for others in (self._decided_names, self._named_in_source):
            if others.get(name.lower(), set()) - {choice.import_id}:
                yield f"another room of the source has the name {name!r}."
