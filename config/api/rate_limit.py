"""The rate limit of Rocket.Chat's API (wire-api.md 7.1)."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_CALLS_PER_CLEANUP: Final = 1000
_SECONDS_TO_OPEN: Final = 5
_PAUSE_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Rate:
    """A number of calls per number of seconds; 0 calls means no limit."""

    calls: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Parse a rate such as `120/60s`; `off` means no limit.

        Raises:
            ImproperlyConfigured: The text is not a valid rate.
        """
        if text == "off":
            return cls(0, 1)
        match = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)s", text)
        if match is None:
            msg = f"RATE_LIMIT is {text!r}. Use a rate such as 120/60s, or off."
            raise ImproperlyConfigured(msg)
        return cls(int(match[1]), int(match[2]))

    def times(self, factor: int) -> Rate:
        """Return the rate multiplied by a factor."""
        return Rate(self.calls * factor, self.seconds)


@dataclass(frozen=True, slots=True)
class Usage:
    """The usage of a rate after a call."""

    limit: int
    remaining: int
    resets_at: float
    """Seconds since 1970."""
    is_exceeded: bool

    @property
    def wait_seconds(self) -> int:
        """Whole seconds until the next window, at least one."""
        return max(1, round(self.resets_at - time.time()))


class CallCounter:
    """Counts calls in fixed windows for all processes on this machine.

    It uses its own SQLite file, which is exact across processes without another service
    and doesn't block the product's database.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def count(self, key: str, rate: Rate) -> Usage:
        """Count a call of this key."""
        now = time.time()
        cursor = self._connection(now).execute(
            """
            INSERT INTO calls (key, resets_at, calls) VALUES (:key, :end, 1)
            ON CONFLICT (key) DO UPDATE SET
                calls = CASE WHEN resets_at <= :now THEN 1 ELSE calls + 1 END,
                resets_at = CASE WHEN resets_at <= :now THEN :end ELSE resets_at END
            RETURNING calls, resets_at
            """,
            {"key": key, "now": now, "end": now + rate.seconds},
        )
        [(calls, resets_at)] = cursor.fetchall()
        self._delete_expired_sometimes(now)
        remaining = max(0, rate.calls - calls)
        return Usage(rate.calls, remaining, resets_at, calls > rate.calls)

    def calls(self, key: str) -> int:
        """Return the number of calls of this key in its current window."""
        now = time.time()
        rows = self._connection(now).execute(
            "SELECT calls FROM calls WHERE key = ? AND resets_at > ?", (key, now)
        )
        return next((calls for (calls,) in rows.fetchall()), 0)

    def give_back(self, key: str) -> None:
        """Subtract one call of this key."""
        self._connection(time.time()).execute(
            "UPDATE calls SET calls = calls - 1 WHERE key = ? AND calls > 0", (key,)
        )

    def forget(self, key: str) -> bool:
        """Delete the window of this key; return whether there was one."""
        connection = self._connection(time.time())
        return (
            connection.execute("DELETE FROM calls WHERE key = ?", (key,)).rowcount > 0
        )

    def _delete_expired_sometimes(self, now: float) -> None:
        """Delete expired windows once in a thousand calls.

        Otherwise the file would grow with every new address and name.
        """
        self._local.counted = getattr(self._local, "counted", 0) + 1
        if self._local.counted % _CALLS_PER_CLEANUP == 0:
            self._connection(now).execute(
                "DELETE FROM calls WHERE resets_at <= ?", (now,)
            )

    def _connection(self, now: float) -> sqlite3.Connection:
        """Return this thread's connection; a new one deletes expired windows."""
        connection: sqlite3.Connection | None = getattr(self._local, "open", None)
        if connection is None:
            connection = self._local.open = self._opened(now)
        return connection

    def _opened(self, now: float) -> sqlite3.Connection:
        """Open the file, and retry while another process creates it."""
        until = time.monotonic() + _SECONDS_TO_OPEN
        while True:
            connection = sqlite3.connect(
                self._path, timeout=_SECONDS_TO_OPEN, isolation_level=None
            )
            try:
                _prepare(connection, now)
            except sqlite3.OperationalError as error:
                connection.close()
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return connection


def _prepare(connection: sqlite3.Connection, now: float) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS calls (key TEXT PRIMARY KEY,"
        " resets_at REAL NOT NULL, calls INTEGER NOT NULL) WITHOUT ROWID"
    )
    connection.execute("DELETE FROM calls WHERE resets_at <= ?", (now,))


@cache
def call_counter() -> CallCounter:
    """Return the counter of this process."""
    return CallCounter(settings.DATA_DIR / "rate-limit.sqlite3")


def count_call(key: str, factor: int = 1) -> Usage | None:
    """Count a call of this key against RATE_LIMIT; `None` without a limit.

    Args:
        key: Caller and endpoint.
        factor: Multiple of RATE_LIMIT that is allowed.
    """
    rate = _configured_rate(settings.RATE_LIMIT).times(factor)
    return call_counter().count(key, rate) if rate.calls else None


@cache
def _configured_rate(text: str) -> Rate:
    """Return the parsed rate."""
    return Rate.parse(text)
