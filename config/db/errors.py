"""Classification of database errors: lost connection, lock or other."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.utils import Error

LOCK_WAIT_SECONDS: Final = 1
"""How long an import waits for a lock before it checks for cancellation."""
_SQLITE_SECONDS: Final = 5
"""How long SQLite's driver waits for a lock unless the settings say otherwise."""
_SQLITE_LOCK: Final = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
)
_PRIMARY_CODE: Final = 0xFF
"""The bits of SQLite's extended error codes that hold the primary one."""
_CONNECTION_CLASS: Final = "08"
_POSTGRES_CONNECTION: Final = frozenset(
    {
        "57P01",  # admin_shutdown
        "57P02",  # crash_shutdown
        "57P03",  # cannot_connect_now
        "57P05",  # idle_session_timeout
        "25P03",  # idle_in_transaction_session_timeout
        "53300",  # too_many_connections
    }
)
_POSTGRES_LOCK: Final = frozenset(
    {
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "55P03",  # lock_not_available
    }
)


class Unavailability(Enum):
    """Reason why a repeated statement may succeed."""

    CONNECTION_LOST = auto()
    LOCKED = auto()


def unavailability_of(error: Error) -> Unavailability | None:
    """Return why the database was unavailable, or `None` for other errors.

    The driver's error is the cause of Django's error.
    """
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR))
    state = getattr(cause, "sqlstate", None)
    if state is None:
        return Unavailability.CONNECTION_LOST if _is_disconnected() else None
    if state in _POSTGRES_LOCK:
        return Unavailability.LOCKED
    if state in _POSTGRES_CONNECTION or state.startswith(_CONNECTION_CLASS):
        return Unavailability.CONNECTION_LOST
    return None


def _of_sqlite(code: int) -> Unavailability | None:
    primary = code & _PRIMARY_CODE
    if primary in _SQLITE_LOCK:
        return Unavailability.LOCKED
    is_closed = primary == sqlite3.SQLITE_CANTOPEN
    return Unavailability.CONNECTION_LOST if is_closed else None


def _is_disconnected() -> bool:
    """Return whether there is no open connection to the database."""
    raw: Any = connection.connection
    return raw is None or bool(getattr(raw, "closed", False))


@contextmanager
def short_lock_waits() -> Iterator[None]:
    """Limit how long this thread's connection waits for a lock.

    A statement that waits in the database can't react to a cancelled import.
    """
    limited = connections[DEFAULT_DB_ALIAS]

    def limit(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
        if connection is limited:
            _set_lock_wait(limited, LOCK_WAIT_SECONDS)

    connection_created.connect(limit, weak=False)
    try:
        if limited.connection is not None:
            limit(limited)
        yield
    finally:
        connection_created.disconnect(limit)
        if limited.connection is not None:
            with suppress(Error):  # a lost connection will be replaced
                _set_lock_wait(limited, None)


def _set_lock_wait(limited: BaseDatabaseWrapper, seconds: int | None) -> None:
    """Set how long to wait for a lock; `None` restores the configured value."""
    if limited.vendor == "sqlite":
        if seconds is None:
            seconds = limited.settings_dict["OPTIONS"].get("timeout", _SQLITE_SECONDS)
        statement = f"PRAGMA busy_timeout = {seconds * 1000}"
    else:
        value = "DEFAULT" if seconds is None else f"'{seconds}s'"
        statement = f"SET lock_timeout TO {value}"
    with limited.cursor() as cursor:
        cursor.execute(statement)
