"""Rooms of messages, by import ID."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from config.db.bulk import in_chunks
from imports_app.engine.outcomes import NOT_SELECTED, RecordOutcome
from imports_app.engine.planning.planned_rooms import PlannedRooms
from imports_app.importers.room_names import room_label
from imports_app.models import Outcome, Room, RoomImportId
from imports_app.records import MessageRecord


class MessageRooms:
    """Rooms of messages, and names of mentioned rooms, by import ID.

    Args:
        staged: Outcome and key of the operation's own rooms.
        planned: Rooms that are not written, while an import is only planned.
    """

    def __init__(
        self,
        staged: Mapping[str, tuple[str, int | None]],
        planned: PlannedRooms | None = None,
    ) -> None:
        self._staged = staged
        self._planned = planned or PlannedRooms()
        self._others: dict[str, int | None] = {}
        self._names: dict[str, str] = {}

    def skipped(self) -> list[str]:
        """Return the import IDs of the rooms that are not selected.

        Rows that can't be read have no ID, which would be that of parts with messages
        of several rooms.
        """
        return [
            import_id
            for import_id, (outcome, _room_id) in self._staged.items()
            if import_id and outcome == Outcome.SKIPPED
        ]

    def load(self, import_ids: Iterable[str]) -> None:
        """Look up rooms from earlier imports, which this operation did not stage."""
        unknown = set(import_ids) - self._staged.keys() - self._others.keys()
        for chunk in in_chunks(unknown):
            found = RoomImportId.objects.filter(value__in=chunk)
            rooms = dict(found.values_list("value", "room_id"))
            rooms |= self._planned.by_import_ids(chunk)
            self._others |= {key: rooms.get(key) for key in chunk}

    def room_of(self, record: MessageRecord) -> int | RecordOutcome:
        """Return the key of a message's room, or why it has none."""
        outcome, room_id = self._staged.get(record.room, (None, None))
        if outcome == Outcome.SKIPPED:
            return NOT_SELECTED
        if outcome is None:
            room_id = self._others[record.room]
        if room_id is None:
            return RecordOutcome(
                Outcome.FAILED,
                "importer-message-unknown-room",
                f"The room {room_label(record.room)[:80]!r} was not imported. Add it to"
                " the source or fix its own error, then retry.",
            )
        return room_id

    def names(self, import_ids: set[str]) -> dict[str, str]:
        """Return the names of mentioned rooms on this server, if they exist."""
        unknown = import_ids - self._names.keys()
        self.load(unknown)
        keys = {
            import_id: self._staged.get(import_id, ("", None))[1]
            or self._others.get(import_id)
            for import_id in unknown
        }
        names: dict[int, str | None] = {}
        for chunk in in_chunks(key for key in keys.values() if key is not None):
            names |= dict(Room.objects.filter(pk__in=chunk).values_list("pk", "name"))
            names |= self._planned.names_of(chunk)
        self._names |= {
            import_id: (names.get(key) if key else None) or ""
            for import_id, key in keys.items()
        }
        return {key: name for key in import_ids if (name := self._names[key])}
