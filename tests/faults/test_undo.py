"""Undo after and during kills: the database is equal to the one before."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from imports_app.models import ImportOperation, JournalPage
from imports_app.services.undo import start_undo
from imports_app.statuses import UndoState
from imports_app.transitions import Actor
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.factories import UserFactory
from tests.faults.killing import Killer
from tests.faults.workers import (
    forking_workers,
    start_everything,
    upload,
    wait_until,
)
from tests.imports_app.engine.undo.states import database_state

SECONDS = 0.3
"""Less than a run and an undo of the archive take undisturbed, so that several workers
are killed on a fast machine, too."""
LEAST_KILLS = 6

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_killed_import_and_killed_undo_change_nothing(tmp_path: Path) -> None:
    random = Random(7)  # noqa: S311 - moments
    initiator = UserFactory.create(roles=["admin"])
    earlier, wanted = tmp_path / "earlier.zip", tmp_path / "wanted.zip"
    write_slack_archive(earlier, SlackPlan(users=40, channels=5, messages=500), seed=1)
    write_csv_archive(wanted, Plan(users=300, channels=40, messages=16_000), seed=2)
    with forking_workers() as fork:
        worker = fork()
        first = upload(earlier, initiator, "slack")
        wait_until(first, "importer_user_selection")
        start_everything(first, initiator)
        wait_until(first, "importer_done")
        before = database_state()
        operation = upload(wanted, initiator)
        wait_until(operation, "importer_user_selection")
        worker.kill()

        start_everything(operation, initiator)
        killed = Killer(fork, operation, random, workers=2).kill_until(
            "importer_done", SECONDS
        )
        undo = start_undo(operation=operation, actor=Actor(initiator))
        killed += Killer(fork, undo, random).kill_until("importer_done", SECONDS)

    assert killed >= LEAST_KILLS, killed
    assert database_state() == before
    operation = ImportOperation.objects.get(pk=operation.pk)
    assert operation.undo_state == UndoState.UNDONE
    assert not JournalPage.objects.filter(operation=operation).exists()
