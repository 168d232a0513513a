"""Conversion of messages with several workers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import User
from config.processes import this_process
from imports_app import tasks
from imports_app.engine import jobs, lease, retries
from imports_app.engine.parts import messages, spool
from imports_app.engine.parts.claims import Claim
from imports_app.engine.run_start import begin_run
from imports_app.models import (
    ImportOperation,
    ImportPart,
    ImportRecord,
    Message,
    Room,
    WorkerHeartbeat,
)
from imports_app.records import RoomType
from imports_app.selection.rules import ALL, EVERYTHING, KindSelection, Rule, Selection
from imports_app.statuses import Status
from imports_app.transitions import SERVER
from imports_app.uploads.storage import spool_path
from tests.imports_app.engine.converting import convert, message, room, run, stage, user

OTHER = "another-machine:1:1"
ANN = user("ann", username="ann")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MOST_MESSAGES", 4)
    monkeypatch.setattr(spool, "_LEAST_MESSAGES", 2)
    monkeypatch.setattr(messages, "PAGES", {"sqlite": 2, "postgresql": 2})


@pytest.fixture
def operation(admin_user: User) -> ImportOperation:
    """Return an operation with three parts: two messages fail."""
    said = [message("c-news", "ann", f"text {n}", n) for n in range(10)]
    failing = [message("c-news", "nobody", "text", n) for n in (10, 11)]
    operation = stage(admin_user, ANN, room("news"), *said, *failing)
    begin_run(operation=operation, selection=EVERYTHING, actor=SERVER)
    return operation


def assist_once(
    operation: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """Return a watcher that lets another process convert the other parts."""
    pages = iter(range(100))

    def watch() -> None:
        if next(pages) == 2:  # users, rooms, and a page of messages
            with monkeypatch.context() as patch:
                patch.setattr(lease, "this_process", lambda: OTHER)
                jobs.assist(operation.pk)

    return watch


def test_another_worker_converts_free_parts(
    operation: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    jobs.run(operation.pk, assist_once(operation, monkeypatch), asked.append)

    owners = ImportPart.objects.order_by("position").values_list(
        "lease_owner", flat=True
    )
    assert list(owners) == [this_process(), OTHER, OTHER]
    assert asked == [2]
    operation.refresh_from_db()
    assert operation.status == Status.DONE
    assert (operation.count_completed, operation.count_error) == (12, 2)
    assert Message.objects.count() == 10
    assert ImportRecord.objects.failed(operation.pk).count() == 2


def test_assistant_leaves_the_end_to_the_coordinator(
    operation: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.assist(operation.pk)  # users are not imported yet

    operation.refresh_from_db()
    assert operation.status == Status.IMPORTING_STARTED
    assert Message.objects.count() == 0


def test_coordinator_waits_for_the_last_part_of_others(
    operation: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[Claim] = []
    pages = iter(range(100))

    def watch() -> None:
        if next(pages) == 2:
            claim = Claim.take(operation.pk, OTHER)
            assert claim is not None
            held.append(claim)

    def wait(seconds: float) -> bool:
        assert ImportPart.objects.unfinished().count() == 1
        held[0].release()
        return False

    monkeypatch.setattr(retries.stopping, "wait", wait)

    jobs.run(operation.pk, watch)

    operation.refresh_from_db()
    assert operation.status == Status.DONE
    assert Message.objects.count() == 10


def test_parts_of_unselected_rooms_are_not_read(admin_user: User) -> None:
    said = [message("c-news", "ann", "x", n) for n in range(4)]
    secret = [message("p-lab", "ann", "x", n) for n in range(4)]
    operation = stage(
        admin_user, ANN, room("lab", RoomType.PRIVATE), room("news"), *secret, *said
    )
    content = spool_path(operation).read_bytes()
    size = ImportPart.objects.get(operation=operation, position=0).size
    spool_path(operation).write_bytes(bytes(size) + content[size:])
    channels = KindSelection(True, rules=(Rule(False, trait="private"),))

    run(operation, Selection(ALL, ALL, channels))

    assert Message.objects.count() == 4
    counted = operation.kind_counts.get(kind="message")
    assert (counted.imported, counted.skipped) == (4, 4)
    assert operation.count_total == 1 + 1 + 4


def test_lost_messages_fail_the_import(
    operation: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "STORAGE_PATIENCE", -1)
    spool_path(operation).unlink()

    jobs.run(operation.pk)

    operation.refresh_from_db()
    assert operation.status == Status.FAILED
    assert operation.error_code == "importer-prepared-data-lost"


def test_run_survives_a_short_outage_of_the_storage(
    operation: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = spool_path(operation).with_name("away")
    spool_path(operation).rename(away)

    def come_back(seconds: float) -> bool:
        away.rename(spool_path(operation))
        return False

    monkeypatch.setattr(retries.stopping, "wait", come_back)

    jobs.run(operation.pk)

    operation.refresh_from_db()
    assert operation.status == Status.DONE
    assert Message.objects.count() == 10


def test_spool_of_a_cancelled_import_is_deleted(operation: ImportOperation) -> None:
    ImportOperation.objects.filter(pk=operation.pk).update(is_valid=False)

    tasks.discard.call(operation.pk)

    assert not spool_path(operation).exists()
    assert not ImportPart.objects.exists()


def test_help_is_asked_of_other_live_workers(
    operation: ImportOperation, django_capture_on_commit_callbacks: object
) -> None:
    for number in range(3):
        WorkerHeartbeat.objects.create(worker_id=f"w{number}", host="h", pid=number)
    queued: list[int] = []

    class Queue:
        @staticmethod
        def enqueue(operation_id: int) -> None:
            queued.append(operation_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "assist", Queue)
        tasks.run.call(operation.pk)

    assert queued == [operation.pk] * 2


def test_later_import_adds_new_messages_and_keeps_others(admin_user: User) -> None:
    said = [message("c-news", "ann", f"text {n}", n) for n in range(9)]
    convert(admin_user, ANN, room("news"), *said[:2], *said[3:4], said[7])

    again = convert(admin_user, ANN, room("news"), *said)

    counted = again.kind_counts.get(kind="message")
    assert (counted.imported, counted.unchanged) == (5, 4)
    assert Room.objects.get().message_count == 9 == Message.objects.count()


def test_second_import_of_the_same_source_changes_nothing(admin_user: User) -> None:
    said = [message("c-news", "ann", f"text {n}", n) for n in range(10)]
    convert(admin_user, ANN, room("news"), *said)

    again = convert(admin_user, ANN, room("news"), *said)

    counted = again.kind_counts.get(kind="message")
    assert (counted.updated, counted.unchanged) == (0, 10)
    assert Message.objects.count() == 10
