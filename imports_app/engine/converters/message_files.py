"""Writing of attached files of messages."""

from __future__ import annotations

from collections.abc import Container, Mapping

from config.db.bulk import insert_new_rows, update_rows
from imports_app.engine.messages.stored import (
    FILE_COLUMNS,
    REPLACED_IN_FILES,
    FileKey,
    MessageKey,
    Row,
    find_files,
    is_changed_file,
    replaced_file,
)
from imports_app.engine.undo.journal import Journal, change_between
from imports_app.models import JournalTable, MessageFile


def write_files(
    files: Mapping[FileKey, Row],
    there: Container[MessageKey],
    journal: Journal,
) -> set[MessageKey]:
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
    known = find_files(keys)
    while True:
        new = sorted(files.keys() - known.keys())
        rows = [files[key] for key in new]
        if (created := insert_new_rows(MessageFile, FILE_COLUMNS, rows)) is not None:
            break
        known = find_files(files)
    changed = {
        key: replaced_file(files[key], known[key])
        for key in known
        if is_changed_file(files[key], known[key])
    }
    update_rows(
        MessageFile,
        REPLACED_IN_FILES,
        [(*values, known[key][0]) for key, values in changed.items()],
    )
    journal.created(JournalTable.FILE, created)
    journal.changed(
        JournalTable.FILE,
        {
            known[key][0]: change_between(REPLACED_IN_FILES, known[key][1:], values)
            for key, values in changed.items()
        },
    )
    return {key[:2] for key in (*new, *changed)}
