"""Retries while the database is unavailable."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from django.db import Error, InterfaceError, OperationalError, connection

from config.db.errors import Unavailability, unavailability_of
from imports_app.engine import retries
from imports_app.engine.lease import LeaseLostError
from imports_app.engine.retries import StoppedError, retry_on_disconnect


class Connection:
    """Connection outside of any transaction."""

    in_atomic_block = False

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture(autouse=True)
def _outside_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "connection", Connection())


def _sqlite(code: int, error: type[sqlite3.Error] = sqlite3.OperationalError) -> Error:
    cause = error("text that decides nothing: database is locked")
    cause.sqlite_errorcode = code
    return _caused_by(cause)


def _caused_by(cause: Exception) -> Error:
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


class Steps:
    """Step that raises each of these errors, then succeeds."""

    def __init__(self, *errors: Error) -> None:
        self._errors = list(errors)
        self.tried = 0

    def __call__(self) -> str:
        """Do the step."""
        self.tried += 1
        if self._errors:
            raise self._errors.pop(0)
        return "done"


@pytest.mark.parametrize(
    "error",
    [
        _sqlite(sqlite3.SQLITE_BUSY),
        _sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT),
        _sqlite(sqlite3.SQLITE_LOCKED),
        _sqlite(sqlite3.SQLITE_CANTOPEN),
        _caused_by(psycopg.errors.AdminShutdown()),
        _caused_by(psycopg.errors.ConnectionFailure()),
        _caused_by(psycopg.errors.TooManyConnections()),
        _caused_by(psycopg.errors.DeadlockDetected()),
        _caused_by(psycopg.errors.LockNotAvailable()),
    ],
)
def test_lost_connections_and_locks_are_retried(error: Error) -> None:
    steps = Steps(error, error)

    assert retry_on_disconnect(steps) == "done"
    assert steps.tried == 3


@pytest.mark.parametrize(
    "error",
    [
        _sqlite(sqlite3.SQLITE_ERROR),  # too many SQL variables, no such table
        _sqlite(sqlite3.SQLITE_FULL),
        _sqlite(sqlite3.SQLITE_IOERR),
        _sqlite(sqlite3.SQLITE_MISUSE, sqlite3.InterfaceError),
        _caused_by(psycopg.errors.DiskFull()),
        _caused_by(psycopg.errors.OutOfMemory()),
        _caused_by(psycopg.errors.QueryCanceled()),
        _caused_by(psycopg.errors.StatementTooComplex()),
    ],
)
def test_other_errors_are_not_retried(error: Error) -> None:
    steps = Steps(error)

    with pytest.raises(OperationalError):
        retry_on_disconnect(steps)

    assert steps.tried == 1


@pytest.mark.django_db
def test_error_without_code_on_an_open_connection_is_not_a_lost_connection() -> None:
    with connection.cursor():
        assert unavailability_of(InterfaceError("out of range")) is None


def test_failed_connection_attempt_is_a_lost_connection() -> None:
    connection.close()
    refused = _caused_by(psycopg.OperationalError("connection refused"))

    assert unavailability_of(refused) is Unavailability.CONNECTION_LOST


def test_cancelled_work_is_not_retried() -> None:
    steps = Steps(_sqlite(sqlite3.SQLITE_BUSY))

    def check() -> None:
        raise LeaseLostError

    with pytest.raises(LeaseLostError):
        retry_on_disconnect(steps, check=check)

    assert steps.tried == 1


def test_stopping_process_does_not_retry() -> None:
    retries.stopping.set()
    try:
        with pytest.raises(StoppedError):
            retry_on_disconnect(Steps(_sqlite(sqlite3.SQLITE_BUSY)))
    finally:
        retries.stopping.clear()


def test_retries_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "_PATIENCE_SECONDS", 0.0)
    steps = Steps(*[_sqlite(sqlite3.SQLITE_BUSY)] * 3)

    with pytest.raises(OperationalError):
        retry_on_disconnect(steps)

    assert steps.tried == 1
