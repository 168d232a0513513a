from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import DjangoAssertNumQueries, Settings

from imports_app.models import ImportOperation, ImportPart, ImportRecord
from imports_app.services.pruning import prune_files
from tests.accounts.activity.entries import Commit, write_entries
from tests.conftest import ApiClient
from tests.imports_app.api.importing import imported, uploaded


def prune(**options: object) -> str:
    """Run prune and return the output."""
    out = io.StringIO()
    call_command("prune", stdout=out, **options)
    return out.getvalue()


def make_old(operation: ImportOperation) -> None:
    """Date the end of the operation back by two months."""
    past = timezone.now() - timedelta(days=60)
    ImportOperation.objects.filter(pk=operation.pk).update(updated_at=past)
    DBTaskResult.objects.update(finished_at=past)


def test_removes_files_and_records_of_old_imports(
    importer_api: ApiClient, settings: Settings
) -> None:
    old = imported(importer_api)
    make_old(old)
    young = uploaded(importer_api)
    make_old(old)

    assert prune() == "Deleted 6 records and 2 files.\n"

    assert not ImportRecord.objects.filter(operation=old).exists()
    assert not ImportPart.objects.filter(operation=old).exists()
    assert ImportOperation.objects.filter(pk=old.pk).exists()
    assert old.kind_counts.exists()
    files = [path.name for path in (Path(settings.DATA_DIR) / "uploads").iterdir()]
    assert files == [young.public_id]
    assert not DBTaskResult.objects.finished().exists()


def test_keeps_recent_and_active_imports(importer_api: ApiClient) -> None:
    imported(importer_api)

    assert prune() == "Deleted 0 records and 0 files.\n"

    make_old(uploaded(importer_api))
    assert prune(days=1) == "Deleted 0 records and 0 files.\n"


def test_removes_files_without_an_operation(db: None, settings: Settings) -> None:
    folder = Path(settings.DATA_DIR) / "uploads"
    folder.mkdir()
    stray, arriving = folder / "incoming-1", folder / "incoming-2"
    stray.touch()
    arriving.touch()
    os.utime(stray, (0, 0))

    assert prune() == "Deleted 0 records and 1 file.\n"

    assert list(folder.iterdir()) == [arriving]


def test_files_are_looked_up_in_chunks(
    db: None, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    folder = Path(settings.DATA_DIR) / "uploads"
    folder.mkdir()
    for number in range(300):
        (folder / f"incoming-{number}").touch()
        os.utime(folder / f"incoming-{number}", (0, 0))

    with django_assert_num_queries(4):  # two for expired uploads and linked files
        assert prune_files(before=timezone.now()) == 300


def test_rejects_negative_days(db: None) -> None:
    with pytest.raises(CommandError, match="0 or more"):
        prune(days=-1)


@pytest.mark.django_db
def test_removes_old_activity_log_entries(
    settings: Settings, django_capture_on_commit_callbacks: Commit
) -> None:
    write_entries(django_capture_on_commit_callbacks, 2)
    settings.ACTIVITY_RETENTION_DAYS = 1

    assert prune().endswith("Deleted 0 activity log entries.\n")
    settings.ACTIVITY_RETENTION_DAYS = -1
    assert prune().endswith("Deleted 2 activity log entries.\n")
