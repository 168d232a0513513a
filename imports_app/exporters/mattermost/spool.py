"""Temporary storage of posts until all rooms are read: a line has a whole thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple, Self

_THREAD: Final = 12 * 1024 * 1024
"""Bytes of posts of a line; the maximum is 16 MiB."""
_TABLES: Final = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE post (
        channel INTEGER, root INTEGER, time INTEGER, content BLOB,
        PRIMARY KEY (channel, root, time)
    ) WITHOUT ROWID;
    CREATE TABLE thread (import_id TEXT PRIMARY KEY, root INTEGER, size INTEGER)
        WITHOUT ROWID;
    BEGIN;
"""


class ChannelSize(NamedTuple):
    """Size of a channel, for the read states of its members."""

    last: int
    """Time of the last post."""
    posts: int
    roots: int


class Spool:
    """Posts of all channels in a temporary database.

    A time identifies a post of a channel. Times are milliseconds.
    """

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(_TABLES)
        self._channel = 0
        self._last = 0
        self._taken: frozenset[int] = frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()

    def begin_room(self, channel: int) -> None:
        """Begin to write the posts of a room.

        Args:
            channel: Number of the channel, which may contain other rooms.
        """
        self._channel, self._last = channel, 0
        rows = self._database.execute(
            "SELECT time FROM post WHERE channel = ?", (channel,)
        )
        self._taken = frozenset(time for (time,) in rows)
        self._database.execute("DELETE FROM thread")

    def next_time(self, moment: int) -> int:
        """Return a free time for the next post, at the moment or later."""
        time = max(moment, self._last + 1)
        while time in self._taken:
            time += 1
        self._last = time
        return time

    def add(self, content: bytes, time: int, *, root: int) -> None:
        """Add a post.

        Args:
            content: The post as JSON.
            time: Its time.
            root: Time of the thread's first post.
        """
        self._database.execute(
            "INSERT INTO post VALUES (?, ?, ?, ?)", (self._channel, root, time, content)
        )

    def begin_thread(self, import_id: str, root: int, size: int) -> None:
        """Record the first post of a thread, or of its next part."""
        self._database.execute(
            "INSERT OR REPLACE INTO thread VALUES (?, ?, ?)", (import_id, root, size)
        )

    def root_of(self, import_id: str) -> int | None:
        """Return the time of a thread's first post; `None` if it is not known."""
        row = self._thread(import_id)
        return None if row is None else row[0]

    def grow_thread(self, import_id: str, size: int) -> bool:
        """Count the bytes of a reply; return whether the reply fits into the thread."""
        row = self._thread(import_id)
        if row is None or row[1] + size > _THREAD:
            return False
        self._database.execute(
            "UPDATE thread SET size = size + ? WHERE import_id = ?", (size, import_id)
        )
        return True

    def _thread(self, import_id: str) -> tuple[int, int] | None:
        found: tuple[int, int] | None = self._database.execute(
            "SELECT root, size FROM thread WHERE import_id = ?", (import_id,)
        ).fetchone()
        return found

    def sizes(self) -> dict[int, ChannelSize]:
        """Return the sizes of the channels with posts, by number."""
        rows = self._database.execute(
            "SELECT channel, max(time), count(*), sum(root = time)"
            " FROM post GROUP BY channel"
        )
        return {channel: ChannelSize(*size) for channel, *size in rows}

    def threads(self, channel: int) -> Iterator[list[bytes]]:
        """Yield each first post of a channel with its replies, oldest first."""
        with closing(
            self._database.execute(
                "SELECT root, content FROM post WHERE channel = ? ORDER BY root, time",
                (channel,),
            )
        ) as rows:
            for _root, posts in groupby(rows, key=itemgetter(0)):
                yield [content for _time, content in posts]
