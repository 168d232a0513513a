"""Writing of the files that are attached to messages."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from typing import Any, Final, TypeAlias, cast

from config.db.bulk import find_rows, insert_new_rows, update_rows
from imports_app.engine.undo.journal import Journal, change_between
from imports_app.models import FileState, JournalTable, MessageFile

FileKey: TypeAlias = tuple[int, str, str]
"""Room and import ID of a message, and ID of its file in the source."""
_UNIQUE: Final = ("room", "message_import_id", "source_id")
_COLUMNS: Final = (
    *("room", "message_import_id", "source_id", "name", "content_type"),
    *("size", "url", "sent_at", "state"),
)
"""Columns of new files."""
_REPLACED: Final = ("name", "url")
"""Columns of existing files that are replaced; stored content is kept."""
_NAME: Final = _COLUMNS.index("name")
_URL: Final = _COLUMNS.index("url")


def write_files(
    files: Mapping[FileKey, tuple[Any, ...]],
    there: Container[tuple[int, str]],
    journal: Journal,
) -> set[tuple[int, str]]:
    """Insert or update files; return the messages whose files changed.

    Args:
        files: The values of new files, by key.
        there: Room and import ID of the messages that existed. Others have no files
            yet.
        journal: The journal of the import.
    """
    if not files:
        return set()
    keys = [key for key in files if key[:2] in there]
    known = _stored_files(keys)
    while True:
        new = sorted(files.keys() - known.keys())
        rows = [files[key] for key in new]
        if (created := insert_new_rows(MessageFile, _COLUMNS, rows)) is not None:
            break
        known = _stored_files(files)
    changed = {
        key: files[key] for key in known if _is_other_file(files[key], known[key])
    }
    update_rows(
        MessageFile,
        _REPLACED,
        [(row[_NAME], row[_URL], known[key][0]) for key, row in changed.items()],
    )
    journal.created(JournalTable.FILE, created)
    journal.changed(
        JournalTable.FILE,
        {
            known[key][0]: change_between(
                _REPLACED, known[key][1:3], (row[_NAME], row[_URL])
            )
            for key, row in changed.items()
        },
    )
    return {key[:2] for key in (*new, *changed)}


def _stored_files(keys: Collection[FileKey]) -> dict[FileKey, tuple[Any, ...]]:
    """Return primary key, name, URL and state of the files that exist."""
    return cast(
        "dict[FileKey, tuple[Any, ...]]",
        find_rows(MessageFile, _UNIQUE, ("id", *_REPLACED, "state"), keys),
    )


def _is_other_file(row: tuple[Any, ...], known: tuple[Any, ...]) -> bool:
    """Return whether a file has another name, or is elsewhere.

    Each export has other URLs for the same files. Only those of files that are not
    stored yet matter.
    """
    _pk, name, url, state = known
    is_elsewhere = row[_URL] != url and state != FileState.STORED
    return bool(row[_NAME] != name or is_elsewhere)
