"""Readiness checks: database, migrations and worker heartbeat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from imports_app.models import WorkerHeartbeat

WORKER_SILENCE_LIMIT: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of the installation and how to fix it."""

    subject: str
    message: str
    advice: str
    cause: str = ""
    """Technical cause; shown to the operator only."""


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
    seen_after = timezone.now() - WORKER_SILENCE_LIMIT
    if not WorkerHeartbeat.objects.filter(seen_at__gte=seen_after).exists():
        yield Problem(
            "worker",
            "No worker heartbeat in the last minute.",
            "Run `python manage.py serve` without --no-worker.",
        )
