"""Readiness checks: database, migrations and worker heartbeat."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from imports_app.models import WorkerHeartbeat

WORKER_SILENCE_LIMIT: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem of the installation, with the fix."""

    subject: str
    message: str
    advice: str
    cause: str = ""
    """Technical cause; shown to the operator only."""


def recent_problems() -> tuple[Problem, ...]:
    """Return the current problems; the result can be a second old.

    Clients need no login and have no rate limit, so each process queries the database
    at most once a second, or once per thread for simultaneous requests.
    """
    return problems_at(int(time.monotonic()))


@lru_cache(maxsize=1)
def problems_at(second: int) -> tuple[Problem, ...]:
    """Return the problems, computed once for each second."""
    return tuple(find_problems())


def find_problems() -> Iterator[Problem]:
    """Yield problems; none if the server is ready."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as error:
        yield Problem(
            "database",
            f"The database does not answer: {type(error).__name__}.",
            "Start the database or correct DATABASE_URL.",
            cause=str(error).strip().partition("\n")[0],
        )
        return
    if pending:
        noun = "migration is" if len(pending) == 1 else "migrations are"
        yield Problem(
            "migrations",
            f"{len(pending)} {noun} not applied.",
            "Run `python manage.py migrate`.",
        )
        return
    if not is_worker_alive():
        yield Problem(
            "worker",
            "No worker heartbeat in the last minute.",
            "Run `python manage.py serve` without --no-worker.",
        )


def is_worker_alive() -> bool:
    """Return whether any worker had a heartbeat within the limit."""
    seen_after = timezone.now() - WORKER_SILENCE_LIMIT
    return WorkerHeartbeat.objects.filter(seen_at__gte=seen_after).exists()
