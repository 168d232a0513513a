"""Records of the rows that an undo kept, with the reasons.

Each user and room has its own record. Messages, files, members and other details are
grouped by room or user and reason, because there may be millions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext, ngettext_lazy

from accounts.models import User
from config.db.bulk import in_chunks, insert_rows
from imports_app.engine.staging import RECORD_COLUMNS
from imports_app.engine.undo.kept_rows import Reason
from imports_app.engine.undo.removal import MODELS
from imports_app.models import ImportRecord, JournalTable, Outcome, Room
from imports_app.records import Kind

KIND_OF: Final = {
    JournalTable.USER: Kind.USER,
    JournalTable.USER_ROLE: Kind.USER,
    JournalTable.EMAIL: Kind.USER,
    JournalTable.USER_IMPORT_ID: Kind.USER,
    JournalTable.ROOM: Kind.CHANNEL,
    JournalTable.ROOM_IMPORT_ID: Kind.CHANNEL,
    JournalTable.MEMBER: Kind.CHANNEL,
    JournalTable.MESSAGE: Kind.MESSAGE,
    JournalTable.FILE: Kind.FILE,
}
"""Kind of record under which the rows of a table are reported."""
COUNTED: Final = frozenset(
    {JournalTable.USER, JournalTable.ROOM, JournalTable.MESSAGE, JournalTable.FILE}
)
"""Tables whose rows are counted; others are details of users and rooms."""
_OWNER: Final = {
    JournalTable.USER_ROLE: "user",
    JournalTable.EMAIL: "user",
    JournalTable.USER_IMPORT_ID: "user",
    JournalTable.ROOM_IMPORT_ID: "room",
    JournalTable.MEMBER: "room",
    JournalTable.MESSAGE: "room",
    JournalTable.FILE: "room",
}
_NUMBERS: Final = {
    JournalTable.USER_ROLE: ngettext_lazy("%d role", "%d roles"),
    JournalTable.EMAIL: ngettext_lazy("%d e-mail address", "%d e-mail addresses"),
    JournalTable.USER_IMPORT_ID: ngettext_lazy("%d import ID", "%d import IDs"),
    JournalTable.ROOM_IMPORT_ID: ngettext_lazy("%d import ID", "%d import IDs"),
    JournalTable.MEMBER: ngettext_lazy("%d member", "%d members"),
    JournalTable.MESSAGE: ngettext_lazy("%d message", "%d messages"),
    JournalTable.FILE: ngettext_lazy("%d file", "%d files"),
}
_LONGEST_NAME: Final = 255


def write_kept(
    operation_id: int, table: JournalTable, kept: Mapping[int, Reason]
) -> None:
    """Store records of the rows of a page that were kept.

    Args:
        operation_id: The undo operation.
        table: The table of the rows.
        kept: The reasons by key.
    """
    if not kept:
        return
    owner = _OWNER.get(table)
    groups: Counter[tuple[int, Reason]] = Counter()
    if owner is None:
        groups.update(kept.items())
    else:
        for chunk in in_chunks(kept):
            rows = MODELS[table].objects.filter(pk__in=chunk).order_by()
            for pk, key in rows.values_list("pk", owner):
                groups[key, kept[pk]] += 1
    is_of_user = table is JournalTable.USER or owner == "user"
    names = _names(User if is_of_user else Room, {key for key, _reason in groups})
    insert_rows(
        ImportRecord,
        RECORD_COLUMNS,
        [
            _record(operation_id, table, names.get(key, str(key)), number, reason)
            for (key, reason), number in groups.items()
        ],
    )


def _record(
    operation_id: int, table: JournalTable, name: str, number: int, reason: Reason
) -> tuple[Any, ...]:
    data: dict[str, Any] = {"name": name}
    message = reason.message
    if table in _NUMBERS:
        data["kept"] = str(_NUMBERS[table] % number)
        message = gettext("%s kept.") % data["kept"] + f" {message}"
    return (
        *(operation_id, KIND_OF[table].value, name[:_LONGEST_NAME], data, False),
        *(Outcome.SKIPPED.value, reason.code, message, "", None, name.lower(), ""),
    )


def _names(model: type[User | Room], keys: set[int]) -> dict[int, str]:
    names: dict[int, str] = {}
    for chunk in in_chunks(keys):
        rows: Any = model._default_manager.filter(pk__in=chunk)
        names |= {row.pk: str(row) for row in rows}
    return names
