"""Temporary storage of a room's messages until all replies are read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple, Self

_TABLES: Final = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE message (
        root INTEGER, number INTEGER, day TEXT, time TEXT, author TEXT, text TEXT,
        html TEXT, PRIMARY KEY (root, number)
    ) WITHOUT ROWID;
    CREATE TABLE thread (import_id TEXT PRIMARY KEY, root INTEGER) WITHOUT ROWID;
    BEGIN;
"""


class SpooledMessage(NamedTuple):
    """Rendered message, with the data for search results."""

    number: int
    """Number in the archive, from 1."""
    day: str
    """Day of a first message, as `2024-03-01`."""
    time: str
    author: str
    text: str
    html: str


class Spool:
    """Rendered messages of one room in a temporary database."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()

    def begin_room(self) -> None:
        """Delete the messages of the previous room."""
        self._database.execute("DELETE FROM message")
        self._database.execute("DELETE FROM thread")

    def begin_thread(self, import_id: str, number: int) -> None:
        """Record the first message of a thread."""
        self._database.execute(
            "INSERT OR REPLACE INTO thread VALUES (?, ?)", (import_id, number)
        )

    def root_of(self, import_id: str) -> int | None:
        """Return the number of a thread's first message; `None` if it is unknown."""
        row = self._database.execute(
            "SELECT root FROM thread WHERE import_id = ?", (import_id,)
        ).fetchone()
        return None if row is None else int(row[0])

    def add(self, message: SpooledMessage, root: int | None) -> None:
        """Add a message.

        Args:
            message: The message.
            root: Number of the thread's first message, for replies.
        """
        values = (root or message.number, *message)
        self._database.execute(
            "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?)", values
        )

    def messages(self) -> Iterator[tuple[SpooledMessage, bool]]:
        """Yield the messages, each first message before its replies.

        Yields:
            The message, and whether it is a reply.
        """
        with closing(
            self._database.execute("SELECT * FROM message ORDER BY root, number")
        ) as rows:
            for root, *values in rows:
                message = SpooledMessage(*values)
                yield message, message.number != root
