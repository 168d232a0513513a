"""Comparison of messages and files with existing ones, one page at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from operator import itemgetter
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
    *("stored_name", "digest"),
)
"""Columns of new files."""
_PLACE: Final = ("name", "url")
_CONTENT: Final = ("size", "state", "stored_name", "digest")
"""Columns that depend on whether the content is stored."""
REPLACED_IN_FILES: Final = (*_PLACE, *_CONTENT)
"""Columns of existing files that may be replaced; stored content is kept."""
_PLACE_OF: Final = itemgetter(*map(FILE_COLUMNS.index, _PLACE))
_CONTENT_OF: Final = itemgetter(*map(FILE_COLUMNS.index, _CONTENT))
_STATE: Final = FILE_COLUMNS.index("state")


def compare_messages(rows: Mapping[MessageKey, Row]) -> StoredRows:
    """Return the messages that exist, compared with these.

    Args:
        rows: The values of `MESSAGE_COLUMNS`, by key.
    """
    return compare_rows(Message, MESSAGE_KEY, MESSAGE_VALUES, rows)


def find_files(keys: Collection[FileKey]) -> dict[FileKey, Row]:
    """Return primary key and `REPLACED_IN_FILES` of the files that exist."""
    columns = ("id", *REPLACED_IN_FILES)
    return cast("dict[FileKey, Row]", find_rows(MessageFile, FILE_KEY, columns, keys))


def is_changed_file(row: Row, known: Row) -> bool:
    """Return whether the name, location or content of a file has changed.

    Each export has different URLs for the same files. They matter only for files that
    are not stored yet.

    Args:
        row: The values of `FILE_COLUMNS`.
        known: The file as `find_files` returns it.
    """
    _pk, name, url, _size, state, *_content = known
    new_name, new_url = _PLACE_OF(row)
    is_missing = state != FileState.STORED
    is_new = new_url != url or row[_STATE] == FileState.STORED
    return bool(new_name != name or (is_missing and is_new))


def replaced_file(row: Row, known: Row) -> Row:
    """Return the new values of `REPLACED_IN_FILES`; arguments as above."""
    _pk, _name, _url, *content = known
    is_stored = content[_CONTENT.index("state")] == FileState.STORED
    if row[_STATE] == FileState.STORED and not is_stored:
        content = list(_CONTENT_OF(row))
    return (*_PLACE_OF(row), *content)
