"""Comparison of messages and their files with those that exist, one page at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, TypeAlias, cast

from config.db.lookups import StoredRows, compare_rows, find_rows
from imports_app.models import FileState, Message, MessageFile

MessageKey: TypeAlias = tuple[int, str]
"""Room and import ID of a message."""
FileKey: TypeAlias = tuple[int, str, str]
"""Room and import ID of a message, and ID of its file in the source."""
Row: TypeAlias = tuple[Any, ...]

MESSAGE_KEY: Final = ("room", "import_id")
MESSAGE_VALUES: Final = (
    *("author", "sent_at", "text"),
    *("event", "thread", "edited_at", "extras"),
)
MESSAGE_COLUMNS: Final = (*MESSAGE_KEY, *MESSAGE_VALUES)
FILE_KEY: Final = ("room", "message_import_id", "source_id")
FILE_COLUMNS: Final = (
    *FILE_KEY,
    *("name", "content_type", "size", "url", "sent_at", "state"),
)
"""Columns of new files."""
REPLACED_IN_FILES: Final = ("name", "url")
"""Columns of existing files that are replaced; stored content is kept."""
NAME: Final = FILE_COLUMNS.index("name")
URL: Final = FILE_COLUMNS.index("url")


def compare_messages(rows: Mapping[MessageKey, Row]) -> StoredRows:
    """Return the messages that exist, compared with these.

    Args:
        rows: The values of `MESSAGE_COLUMNS`, by key.
    """
    return compare_rows(Message, MESSAGE_KEY, MESSAGE_VALUES, rows)


def find_files(keys: Collection[FileKey]) -> dict[FileKey, Row]:
    """Return primary key, name, URL and state of the files that exist."""
    columns = ("id", *REPLACED_IN_FILES, "state")
    return cast("dict[FileKey, Row]", find_rows(MessageFile, FILE_KEY, columns, keys))


def is_other_file(row: Row, known: Row) -> bool:
    """Return whether a file has another name, or is elsewhere.

    Each export has other URLs for the same files. Only those of files that are not
    stored yet matter.

    Args:
        row: The values of `FILE_COLUMNS`.
        known: The file as `find_files` returns it.
    """
    _pk, name, url, state = known
    is_elsewhere = row[URL] != url and state != FileState.STORED
    return bool(row[NAME] != name or is_elsewhere)
