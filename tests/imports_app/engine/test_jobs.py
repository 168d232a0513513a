"""Jobs of workers: leases, takeover, cancelling and failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from config.processes import has_ended, this_process
from imports_app import tasks
from imports_app.engine import jobs, lease, retries, staging
from imports_app.engine.background.cleanup import delete_unprocessed
from imports_app.engine.lease import Lease, LeaseLostError
from imports_app.engine.parts import messages, spool
from imports_app.engine.parts.spool import read_part
from imports_app.engine.recovery import release_expired_leases
from imports_app.errors import SourceError
from imports_app.importers.csv.archive import CsvImporter
from imports_app.models import (
    ImportOperation,
    ImportPart,
    ImportRecord,
    KindCount,
    Message,
)
from imports_app.selection.rules import EVERYTHING
from imports_app.services.operations import cancel_operation, clear_operations
from imports_app.services.runs import start_preparing, start_run
from imports_app.services.uploading.uploads import upload_file
from imports_app.statuses import IMPORTING, PREPARING, Status
from imports_app.transitions import SERVER, Actor
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.working import work as run_queue

PLAN = Plan(users=20, messages=1200, has_oddities=False)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use several pages and parts for few messages."""
    monkeypatch.setattr(staging, "MOST_RECORDS", 500)
    monkeypatch.setattr(spool, "MOST_MESSAGES", 600)
    monkeypatch.setattr(messages, "PAGES", {"sqlite": 300, "postgresql": 300})


@pytest.fixture
def loaded(importer_user: User, tmp_path: Path) -> ImportOperation:
    path = tmp_path / "team.zip"
    write_csv_archive(path, PLAN)
    operation = upload_file(
        actor=Actor(importer_user),
        importer_key="csv",
        file_name="team.zip",
        content_type="",
        content=[path.read_bytes()],
        limit=10_000_000,
    )
    start_preparing(operation=operation, actor=SERVER)
    return operation


@pytest.fixture
def started(loaded: ImportOperation) -> ImportOperation:
    jobs.prepare(loaded.pk)
    loaded.refresh_from_db()
    start_run(operation=loaded, selection=EVERYTHING, actor=SERVER)
    return loaded


def call_after_pages(count: int, act: Callable[[], object]) -> Callable[[], None]:
    """Return a watcher that calls `act` after a number of pages."""
    pages = iter(range(1, 1000))

    def watch() -> None:
        if next(pages) == count:
            act()

    return watch


def assert_outcomes_sum(operation: ImportOperation) -> None:
    """Check that every record has exactly one outcome."""
    for count in KindCount.objects.filter(operation=operation):
        completed = count.imported + count.updated + count.unchanged
        tried = completed + count.skipped + count.failed
        assert count.staged == tried + count.unprocessed


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_cancel_while_preparing_stops_within_one_page(
    loaded: ImportOperation, pages: int
) -> None:
    def cancel() -> None:
        cancel_operation(operation=loaded, actor=SERVER)

    jobs.prepare(loaded.pk, call_after_pages(pages, cancel))

    loaded.refresh_from_db()
    assert not loaded.is_valid
    assert loaded.status in PREPARING
    assert loaded.records.count() <= pages * 500
    assert_outcomes_sum(loaded)
    run_queue()
    assert not loaded.records.exists()


def test_cleanup_of_a_cancelled_import_waits_for_imports(
    loaded: ImportOperation, importer_user: User
) -> None:
    jobs.prepare(loaded.pk)
    clear_operations(actor=SERVER)
    follower = upload_file(
        actor=Actor(importer_user),
        importer_key="csv",
        file_name="next.csv",
        content_type="",
        content=[b"ann,ann@example.org,\n"],
        limit=100,
    )
    start_preparing(operation=follower, actor=SERVER)

    assert not delete_unprocessed(loaded.pk)
    assert loaded.records.exists()
    run_queue()

    assert not loaded.records.exists()
    follower.refresh_from_db()
    assert follower.status == Status.USER_SELECTION


@pytest.mark.parametrize("pages", [1, 2, 3, 4])
@pytest.mark.parametrize("how", ["cancel", "clear"])
def test_cancel_while_importing_stops_within_one_page(
    started: ImportOperation, pages: int, how: str
) -> None:
    said: list[int] = []

    def cancel() -> None:
        if how == "cancel":
            cancel_operation(operation=started, actor=SERVER)
        else:
            clear_operations(actor=SERVER)
        said.append(Message.objects.count())

    jobs.run(started.pk, call_after_pages(pages, cancel))

    started.refresh_from_db()
    assert not started.is_valid
    assert started.status in IMPORTING
    assert Message.objects.count() == said[0]
    assert_outcomes_sum(started)


def test_new_operation_replaces_a_running_one(
    started: ImportOperation, importer_user: User
) -> None:
    def upload() -> None:
        upload_file(
            actor=Actor(importer_user),
            importer_key="csv",
            file_name="next.zip",
            content_type="",
            content=[b"x"],
            limit=10,
        )

    jobs.run(started.pk, call_after_pages(3, upload))

    assert ImportOperation.objects.valid().get().file_name.endswith("next.zip")
    assert 0 < Message.objects.count() < 1200
    assert_outcomes_sum(started)


@pytest.mark.parametrize("fate", ["deleted", "deactivated"])
def test_run_continues_after_its_initiator_is_deleted(
    started: ImportOperation, importer_user: User, fate: str
) -> None:
    def leave() -> None:
        if fate == "deleted":
            User.objects.filter(pk=importer_user.pk).delete()
        else:
            User.objects.filter(pk=importer_user.pk).update(is_active=False)

    jobs.run(started.pk, call_after_pages(1, leave))

    started.refresh_from_db()
    assert started.status == Status.DONE
    assert Message.objects.count() == 1200


def test_stopped_worker_releases_the_operation(
    started: ImportOperation,
) -> None:
    try:
        jobs.run(started.pk, call_after_pages(3, retries.stopping.set))
    finally:
        retries.stopping.clear()
    started.refresh_from_db()
    assert started.status == Status.IMPORTING_MESSAGES
    assert 0 < Message.objects.count() < 1200

    assert [operation.pk for operation in release_expired_leases()] == [started.pk]
    jobs.run(started.pk)

    started.refresh_from_db()
    assert started.status == Status.DONE
    assert Message.objects.count() == 1200
    assert_outcomes_sum(started)


def test_stopped_staging_resumes(
    loaded: ImportOperation,
) -> None:
    try:
        jobs.prepare(loaded.pk, call_after_pages(2, retries.stopping.set))
    finally:
        retries.stopping.clear()
    loaded.refresh_from_db()
    assert loaded.checkpoint == 1000

    jobs.prepare(loaded.pk)

    loaded.refresh_from_db()
    assert loaded.status == Status.USER_SELECTION
    ids = [
        found.record.import_ids
        for part in ImportPart.objects.of_operation(loaded.pk)
        for found in read_part(loaded, part)
    ]
    assert len(ids) == len(set(ids)) == 1200


def test_slow_resume_renews_the_lease(
    loaded: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        jobs.prepare(loaded.pk, call_after_pages(2, retries.stopping.set))
    finally:
        retries.stopping.clear()
    renewed: list[dict[str, Any]] = []
    renew = Lease.renew

    def counted(lease: Lease, **values: Any) -> None:
        renewed.append(values)
        renew(lease, **values)

    monkeypatch.setattr(Lease, "renew", counted)

    jobs.prepare(loaded.pk)

    assert renewed[:2] == [{}, {}]  # before the first new page


def test_lease_is_exclusive(
    started: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Lease.take(started.pk, IMPORTING, jobs.no_op)
    assert first is not None
    monkeypatch.setattr(lease, "this_process", lambda: "elsewhere:1:2")

    assert Lease.take(started.pk, IMPORTING, jobs.no_op) is None
    ImportOperation.objects.filter(pk=started.pk).update(
        lease_expires_at=timezone.now() - timedelta(seconds=1)
    )
    second = Lease.take(started.pk, IMPORTING, jobs.no_op)

    assert second is not None
    with pytest.raises(LeaseLostError):
        first.renew()
    second.renew()


def test_lease_of_a_dead_process_is_released_at_once(started: ImportOperation) -> None:
    host, pid, _start = this_process().split(":")
    dead = f"{host}:{pid}:1"
    assert has_ended(dead)
    assert not has_ended(this_process())
    assert not has_ended("another-machine:1:1")
    ImportOperation.objects.filter(pk=started.pk).update(
        lease_owner=dead, lease_expires_at=timezone.now() + lease.DURATION
    )

    assert [operation.pk for operation in release_expired_leases()] == [started.pk]
    assert release_expired_leases() == []


def test_queued_operation_is_not_enqueued_again_immediately(
    started: ImportOperation,
) -> None:
    assert release_expired_leases() == []


class Broken(CsvImporter):
    """Importer that fails after the first page."""

    error: Exception = RuntimeError("a bug")

    def read(self, context: Any) -> Iterator[Any]:
        for number, found in enumerate(super().read(context)):
            if number == 600:
                raise self.error
            yield found


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SourceError("importer-zip-damaged", "Damaged."), "importer-zip-damaged"),
        (OSError(28, "No space left on device"), "importer-storage-full"),
        (OperationalError("database or disk is full"), "importer-storage-full"),
        (OperationalError("too many SQL variables"), "importer-internal-error"),
        (RuntimeError("a secret detail"), "importer-internal-error"),
    ],
)
def test_any_error_ends_in_status_failed(
    loaded: ImportOperation,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    error: Exception,
    code: str,
) -> None:
    monkeypatch.setattr(Broken, "error", error)
    monkeypatch.setattr(jobs, "find_importer", lambda key: Broken)

    if code == "importer-zip-damaged":
        jobs.prepare(loaded.pk)
    else:
        with pytest.raises(type(error)):
            jobs.prepare(loaded.pk)

    loaded.refresh_from_db()
    assert (loaded.status, loaded.error_code) == (Status.FAILED, code)
    assert loaded.error_message.endswith(".")
    assert "secret" not in loaded.error_message
    has_reserve = (Path(settings.DATA_DIR) / "reserve").exists()
    assert has_reserve == (code != "importer-storage-full")
    assert (loaded.lease_owner, loaded.lease_expires_at) == ("", None)
    assert_outcomes_sum(loaded)


def test_removed_importer_fails_the_operation(
    started: ImportOperation,
) -> None:
    ImportOperation.objects.filter(pk=started.pk).update(importer_key="gone")

    jobs.run(started.pk)

    started.refresh_from_db()
    assert started.error_code == "error-importer-not-defined"


def test_duplicate_queue_entry_runs_once(
    started: ImportOperation,
) -> None:
    tasks.enqueue(started)

    assert run_queue() >= 2

    started.refresh_from_db()
    assert started.status == Status.DONE
    assert started.count_completed == started.count_total
    assert not ImportRecord.objects.filter(outcome="staged").exists()
