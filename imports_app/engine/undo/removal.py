"""Undo of one journal page: removal of created rows, restoring of changed ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeAlias

from django.db import connection, models
from django.db.models import Count
from django.utils import timezone

from accounts.models import ActivityEntry, EmailAddress, ImportId, User
from accounts.services.activity import Author, ChangedState, record_changes
from config.db.bulk import in_chunks, update_rows
from imports_app.engine.undo.kept_rows import CHANGED, KeptRows, Reason, changed_columns
from imports_app.engine.undo.later_use import keys_of
from imports_app.engine.undo.packing import (
    StoredChange,
    pack_changes,
    pack_keys,
    pack_list,
    unpack_changes,
    unpack_list,
)
from imports_app.engine.undo.references import References, referred_rows
from imports_app.models import (
    ImportOperation,
    JournalEffect,
    JournalPage,
    JournalTable,
    Message,
    MessageEntry,
    MessageFile,
    MessagePosition,
    Room,
    RoomImportId,
    RoomMember,
    SearchProgress,
    SourceWorkspace,
)

MODELS: Final[dict[JournalTable, Any]] = {
    JournalTable.USER: User,
    JournalTable.USER_ROLE: User.roles.through,
    JournalTable.EMAIL: EmailAddress,
    JournalTable.USER_IMPORT_ID: ImportId,
    JournalTable.ROOM: Room,
    JournalTable.ROOM_IMPORT_ID: RoomImportId,
    JournalTable.MEMBER: RoomMember,
    JournalTable.MESSAGE: Message,
    JournalTable.FILE: MessageFile,
    JournalTable.WORKSPACE: SourceWorkspace,
}
_STAMP: Final = "updated_at"
"""Time of the last change, which is restored only if nothing changed since."""
_USER_DETAILS: Final = frozenset(
    {JournalTable.USER_ROLE, JournalTable.EMAIL, JournalTable.USER_IMPORT_ID}
)


_Step: TypeAlias = Callable[[], None]
"""Step after rows were removed."""


@dataclass(slots=True)
class PageResult:
    """Result of undoing a page. Rows that are not kept were removed or restored."""

    is_restoring: bool = False
    kept: dict[int, Reason] = field(default_factory=dict)


def kept_of(
    page: JournalPage, keys: Collection[int], rows: KeptRows
) -> dict[int, Reason]:
    """Return the reasons for the rows of a page that undo can't remove or restore.

    For changed rows, only those that don't depend on the row's current values.
    """
    table, is_created = JournalTable(page.table), page.effect == JournalEffect.CREATED
    if table is JournalTable.MESSAGE:
        return rows.messages(keys)
    if table is JournalTable.FILE:
        return rows.files(keys)
    if table is JournalTable.ROOM:
        return rows.rooms(keys) if is_created else rows.changes_of_rooms(keys)
    if table is JournalTable.MEMBER:
        return rows.members(keys)
    if table is JournalTable.USER and is_created:
        return rows.users(keys)
    if table is JournalTable.USER:
        return rows.changes_of_users(keys)
    if table is JournalTable.ROOM_IMPORT_ID:
        return rows.room_details(_owners(RoomImportId, "room", keys))
    if table in _USER_DETAILS:
        kept = rows.user_details(_owners(MODELS[table], "user", keys))
        return kept | (rows.verified(keys) if table is JournalTable.EMAIL else {})
    return {}


def kept_changes(
    page: JournalPage, rows: KeptRows
) -> tuple[dict[int, dict[str, Any]], dict[int, tuple[Reason, StoredChange]]]:
    """Compare changed rows with the values that the import wrote.

    Returns:
        The values to restore, and the kept rows with their reasons, both by key.
    """
    changes = dict(zip(keys_of(page), unpack_changes(bytes(page.values)), strict=True))
    kept = kept_of(page, changes, rows)
    restored: dict[int, dict[str, Any]] = {}
    staying: dict[int, tuple[Reason, StoredChange]] = {}
    table = JournalTable(page.table)
    model = MODELS[table]
    columns = sorted({name for change in changes.values() for name in change})
    for chunk in in_chunks(changes):
        for values in model.objects.filter(pk__in=chunk).values("pk", *columns):
            pk = values["pk"]
            if pk in kept:
                staying[pk] = (kept[pk], changes[pk])
                continue
            values |= rows.assumed(table, pk)
            before, others = changed_columns(changes[pk], values)
            if before.keys() - {_STAMP}:
                if _STAMP in others:
                    before[_STAMP] = timezone.now().isoformat()
                restored[pk] = before
            left = {name: changes[pk][name] for name in others if name != _STAMP}
            if left:
                staying[pk] = (CHANGED, left)
    return restored, staying


class PageUndo:
    """Undo of pages, in the transaction of the caller."""

    def __init__(self, operation: ImportOperation, by: Author) -> None:
        self._operation = operation
        self._by = by
        self._rows = KeptRows(operation, by)

    def begin(self) -> None:
        """Begin a transaction."""
        self._rows.begin()

    def undo(self, page: JournalPage) -> PageResult:
        """Undo a page. The page remains with the kept rows."""
        if page.effect == JournalEffect.USED:
            page.delete()
            return PageResult()
        if page.table == JournalTable.WORKSPACE:
            self._remove_workspace(page)
            return PageResult()
        if page.effect == JournalEffect.CHANGED:
            return self._restore(page)
        return self._remove(page)

    def _remove(self, page: JournalPage) -> PageResult:
        table = JournalTable(page.table)
        model = MODELS[table]
        present = _present(model, keys_of(page))
        kept = kept_of(page, present, self._rows)
        if table in _CONTENTS:
            for other in referred_rows(model, _CONTENTS[table], present):
                kept.setdefault(other, CHANGED)
        removed = [key for key in present if key not in kept]
        before = _BEFORE.get(table)
        finish = _no_op if before is None else before(self, removed)
        for chunk in in_chunks(removed):
            model.objects.filter(pk__in=chunk)._raw_delete(model.objects.db)
        finish()
        self._shorten(page, kept)
        return PageResult(kept=kept)

    def _remove_workspace(self, page: JournalPage) -> None:
        """Remove the prefix of the source's import IDs, unless it is in use."""
        pages = JournalPage.objects.of_operation(self._operation.pk)
        if pages.exclude(pk=page.pk).exists():
            return  # users or rooms with the prefix were kept
        keys = set(keys_of(page))
        unused = keys - self._rows.workspaces(keys).keys()
        SourceWorkspace.objects.filter(pk__in=unused).delete()
        page.delete()

    def _restore(self, page: JournalPage) -> PageResult:
        table = JournalTable(page.table)
        restored, staying = kept_changes(page, self._rows)
        if table is JournalTable.USER:
            self._log_restored_users(restored)
        if table is JournalTable.MESSAGE and restored:
            SearchProgress.objects.update(updates_seen=-1)  # compares all messages
            Message.objects.note_moved(restored)
        if table is JournalTable.FILE:
            unstored = [key for key, row in restored.items() if "stored_name" in row]
            self.before_files(unstored)()
        _write_back(MODELS[table], restored)
        if staying:
            keys = sorted(staying)
            page.values = pack_changes([staying[key][1] for key in keys])
            _store_keys(page, keys)
        else:
            page.delete()
        kept = {key: reason for key, (reason, _change) in staying.items()}
        return PageResult(is_restoring=True, kept=kept)

    def _shorten(self, page: JournalPage, kept: Collection[int]) -> None:
        """Reduce a page to the kept rows."""
        if not kept:
            page.delete()
            return
        keys = sorted(kept)
        if page.values:
            values = unpack_list(bytes(page.values))
            by_key = dict(zip(keys_of(page), values, strict=True))
            page.values = pack_list([by_key[key] for key in keys])
        _store_keys(page, keys)

    def before_messages(self, keys: Sequence[int]) -> _Step:
        """Remove the messages from the search index, then from the rooms' counters."""
        counts: dict[int, int] = {}
        for chunk in in_chunks(keys):
            MessageEntry.objects.filter(message__in=chunk).update(message=None)
            rows = Message.objects.filter(pk__in=chunk).order_by()
            for room, number in rows.values_list("room").annotate(Count("pk")):
                counts[room] = counts.get(room, 0) + number
        return partial(_count_out_of_rooms, counts)

    def before_files(self, keys: Sequence[int]) -> _Step:
        """Record the stored contents that only these files use."""
        names: set[str] = set()
        for chunk in in_chunks(keys):
            rows = MessageFile.objects.filter(pk__in=chunk).exclude(stored_name="")
            names.update(rows.values_list("stored_name", flat=True))
        return partial(self._discard_contents, names)

    def before_rooms(self, keys: Sequence[int]) -> _Step:
        """Remove the positions of the rooms' messages."""
        for chunk in in_chunks(keys):
            positions = MessagePosition.objects.filter(room__in=chunk)
            positions._raw_delete(positions.db)
        return _no_op

    def before_users(self, keys: Sequence[int]) -> _Step:
        """Log the removal, and record the stored avatars."""
        users: list[User] = []
        for chunk in in_chunks(keys):
            users += User.objects.filter(pk__in=chunk)
        subject = ActivityEntry.Subject.USER
        state = {"created by import": self._operation.public_id}
        record_changes(
            [ChangedState(subject, str(user), state, None) for user in users],
            by=self._by,
        )
        avatars = {user.avatar_name for user in users} - {""}
        return partial(self._discard_contents, avatars)

    def _log_restored_users(self, restored: Mapping[int, Mapping[str, Any]]) -> None:
        changes = []
        for chunk in in_chunks(restored):
            for user in User.objects.filter(pk__in=chunk):
                before = restored[user.pk]
                names = [name for name in before if name not in _UNLOGGED]
                if names:
                    changes.append(
                        ChangedState(
                            ActivityEntry.Subject.USER,
                            str(user),
                            {name: getattr(user, name) for name in names},
                            {name: before[name] for name in names}
                            | {"undone import": self._operation.public_id},
                        )
                    )
        record_changes(changes, by=self._by)

    def _discard_contents(self, names: Collection[str]) -> None:
        """Store names of contents; they are deleted after the rows are."""
        if names:
            JournalPage.objects.create(
                operation=self._operation,
                table=JournalTable.STORED_FILE,
                effect=JournalEffect.CREATED,
                rows=len(names),
                first_key=0,
                last_key=0,
                keys=b"",
                values=pack_list(sorted(names)),
            )


_UNLOGGED: Final = frozenset({_STAMP, "pending_avatar_url"})
"""Columns that are irrelevant for the activity log, or contain secrets."""
_BEFORE: Final[dict[JournalTable, Callable[[PageUndo, Sequence[int]], _Step]]] = {
    JournalTable.ROOM: PageUndo.before_rooms,
    JournalTable.MESSAGE: PageUndo.before_messages,
    JournalTable.FILE: PageUndo.before_files,
    JournalTable.USER: PageUndo.before_users,
}
_CONTENTS: Final[dict[JournalTable, References]] = {
    JournalTable.ROOM: tuple(
        model._meta.get_field("room")
        for model in (Message, MessageFile, RoomMember, RoomImportId)
    ),
    JournalTable.USER: (
        *(
            model._meta.get_field("user")
            for model in (User.roles.through, EmailAddress, ImportId, RoomMember)
        ),
        Room._meta.get_field("creator"),
    ),
}
"""Foreign keys whose rows must be gone before a room or a user is removed."""


def _no_op() -> None:
    """Do nothing after the removal of rows."""


def _present(model: Any, keys: Iterable[int]) -> list[int]:
    """Return those of the keys that are in the table."""
    present: list[int] = []
    for chunk in in_chunks(keys):
        rows = model.objects.filter(pk__in=chunk).order_by()
        present += rows.values_list("pk", flat=True)
    return sorted(present)


def _owners(model: Any, name: str, keys: Collection[int]) -> dict[int, int]:
    """Return the user or room of each row, by key."""
    owners: dict[int, int] = {}
    for chunk in in_chunks(keys):
        owners |= dict(model.objects.filter(pk__in=chunk).values_list("pk", name))
    return owners


def _store_keys(page: JournalPage, keys: Sequence[int]) -> None:
    page.rows, page.first_key, page.last_key = len(keys), keys[0], keys[-1]
    page.keys = pack_keys(keys)
    page.save(update_fields=["rows", "first_key", "last_key", "keys", "values"])


def _write_back(model: Any, restored: Mapping[int, Mapping[str, Any]]) -> None:
    """Write previous values; rows with the same columns in one statement."""
    groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for pk, values in sorted(restored.items()):
        names = tuple(sorted(values))
        fields = [model._meta.get_field(name) for name in names]
        row = [_python_value(field, values[field.name]) for field in fields]
        groups.setdefault(names, []).append((*row, pk))
    for names, rows in groups.items():
        update_rows(model, names, rows)


def _python_value(field: models.Field[Any, Any], value: Any) -> Any:
    """Return a value of the journal in the type of the field."""
    if isinstance(field, models.DateTimeField) and value is not None:
        return datetime.fromisoformat(value)
    return value


def _count_out_of_rooms(counts: Mapping[int, int]) -> None:
    """Update message counts and last message times after messages were removed."""
    quote = connection.ops.quote_name
    room, message = quote(Room._meta.db_table), quote(Message._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {room} SET has_positions = FALSE, shown_count = NULL,"  # noqa: S608 - our tables
            " message_count = CASE WHEN message_count > %s"
            " THEN message_count - %s ELSE 0 END, last_message_at ="
            f" (SELECT MAX(sent_at) FROM {message} WHERE room_id = %s) WHERE id = %s",
            [(number, number, pk, pk) for pk, number in sorted(counts.items())],
        )
