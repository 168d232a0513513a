"""A cancelled import ends even while the database is locked."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from threading import Timer
from typing import Protocol

import psycopg
import pytest
from django.db import connection

from accounts.models import User
from imports_app.engine import jobs
from imports_app.engine.run_start import begin_run
from imports_app.engine.staging import PAGE
from imports_app.models import ImportOperation
from imports_app.selection.rules import EVERYTHING
from imports_app.transitions import Actor
from tests.factories import UserFactory
from tests.imports_app.engine.converting import stage, user

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

_MAX_SECONDS = 4.0
"""One wait for the lock, one pause, and what a busy machine adds."""
_CANCEL = "UPDATE imports_app_importoperation SET is_valid = false, lease_owner = ''"


class Locker(Protocol):
    """Another program that locks the database against the import."""

    def lock(self) -> None:
        """Take the lock."""

    def cancel(self) -> None:
        """Cancel every import; the lock stays."""

    def close(self) -> None:
        """Release the lock."""


class SqliteLocker:
    """Holds the one write lock of SQLite."""

    def __init__(self) -> None:
        self._raw = sqlite3.connect(
            connection.settings_dict["NAME"],
            isolation_level=None,
            check_same_thread=False,
        )

    def lock(self) -> None:
        """Take the write lock."""
        self._raw.execute("BEGIN IMMEDIATE")

    def cancel(self) -> None:
        """Commit the cancellation, and take the lock again before anybody else."""
        self._raw.execute(_CANCEL)
        self._raw.execute("COMMIT")
        self._raw.execute("BEGIN IMMEDIATE")

    def close(self) -> None:
        """Release the lock."""
        self._raw.close()


class PostgresLocker:
    """Holds a lock on the table of users."""

    def __init__(self) -> None:
        self._holder, self._other = self._connect(), self._connect()

    @staticmethod
    def _connect() -> psycopg.Connection:
        settings = connection.settings_dict
        return psycopg.connect(
            host=settings["HOST"],
            port=settings["PORT"] or 5432,
            user=settings["USER"],
            password=settings["PASSWORD"] or None,
            dbname=settings["NAME"],
        )

    def lock(self) -> None:
        """Lock the table."""
        self._holder.execute("LOCK TABLE accounts_user IN EXCLUSIVE MODE")

    def cancel(self) -> None:
        """Commit the cancellation."""
        self._other.execute(_CANCEL)
        self._other.commit()

    def close(self) -> None:
        """Release the lock."""
        self._holder.close()
        self._other.close()


@pytest.fixture
def locker() -> Iterator[Locker]:
    """Another program, connected to the test's database."""
    other: Locker = (
        SqliteLocker() if connection.vendor == "sqlite" else PostgresLocker()
    )
    yield other
    other.close()


@pytest.fixture
def started() -> ImportOperation:
    """An import of two pages that waits for a worker."""
    initiator: User = UserFactory.create(roles=["admin"])
    records = [user(f"U{number}", username=f"u{number}") for number in range(PAGE + 1)]
    operation = stage(initiator, *records)
    begin_run(operation=operation, selection=EVERYTHING, actor=Actor(initiator))
    return operation


def test_cancel_takes_effect_while_the_import_waits_for_a_lock(
    locker: Locker, started: ImportOperation
) -> None:
    timer = Timer(0.2, locker.cancel)
    begun: list[float] = []

    def lock_after_the_first_page() -> None:
        locker.lock()
        begun.append(time.monotonic())
        timer.start()

    jobs.run(started.pk, lock_after_the_first_page)

    timer.join()
    assert time.monotonic() - begun[0] < _MAX_SECONDS
    started.refresh_from_db()
    assert not started.is_valid
    assert User.objects.count() == 1 + PAGE
