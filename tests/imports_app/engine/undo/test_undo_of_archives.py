"""Undo of whole archives with oddities, on top of an earlier import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import User
from imports_app.engine import jobs
from imports_app.models import ImportOperation
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.faults.workers import start_everything, upload
from tests.imports_app.engine.undo.states import database_state
from tests.imports_app.engine.undo.undoing import undo

CSV = Plan(users=12, messages=150)
SLACK = SlackPlan(users=12, channels=4, messages=150)


def write_csv(path: Path, seed: int) -> str:
    write_csv_archive(path, CSV, seed=seed)
    return "csv"


def write_slack(path: Path, seed: int) -> str:
    write_slack_archive(path, SLACK, seed=seed)
    return "slack"


def import_archive(
    initiator: User, path: Path, write: Callable[[Path, int], str], seed: int
) -> ImportOperation:
    importer = write(path, seed)
    operation = upload(path, initiator, importer)
    jobs.prepare(operation.pk)
    start_everything(operation, initiator)
    jobs.run(operation.pk)
    operation.refresh_from_db()
    assert operation.status == "importer_done"
    return operation


@pytest.mark.parametrize("write", [write_csv, write_slack])
@pytest.mark.parametrize("earlier", [write_csv, write_slack])
def test_import_and_undo_of_an_archive_change_nothing(
    admin_user: User,
    tmp_path: Path,
    earlier: Callable[[Path, int], str],
    write: Callable[[Path, int], str],
) -> None:
    empty = database_state()
    first = import_archive(admin_user, tmp_path / "1.zip", earlier, 1)
    before = database_state()
    operation = import_archive(admin_user, tmp_path / "2.zip", write, 2)
    assert database_state() != before

    undo(operation, admin_user)
    assert database_state() == before
    undo(first, admin_user)

    assert database_state() == empty
