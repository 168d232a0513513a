"""Notices are written with the change that they report, once per change."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from imports_app.models import ImportOperation, Notice
from imports_app.notices.distribution import note_stalls
from imports_app.services.operations import cancel_operation
from imports_app.services.runs import retry_operation
from imports_app.statuses import Status
from imports_app.transitions import SERVER, Actor, fail_operation, move_operation
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory
from tests.imports_app.api.importing import imported, packed, staged
from tests.working import work


def events_of(operation: ImportOperation) -> list[str]:
    """Return the events of an operation's notices."""
    return list(operation.notices.values_list("event", flat=True))


def running(**values: object) -> ImportOperation:
    """Return an operation that a worker is importing."""
    return ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True, **values
    )


def test_an_import_with_failures_writes_two_notices(admin_api: ApiClient) -> None:
    operation = imported(admin_api)

    assert events_of(operation) == [
        "import.needs_review",
        "import.completed_with_failures",
    ]
    last = operation.notices.get(event="import.completed_with_failures")
    assert last.failed_records == operation.count_error == 1
    assert last.created_at == operation.events.get(to_status=Status.DONE).created_at


def test_an_import_without_failures_is_completed(admin_api: ApiClient) -> None:
    operation = imported(admin_api, packed({"users.csv": "ann,ann@example.org,Ann\n"}))

    assert events_of(operation)[-1] == "import.completed"


def test_a_retry_has_notices_of_its_own(admin_api: ApiClient, admin_user: User) -> None:
    parent = imported(admin_api)

    child = retry_operation(operation=parent, actor=Actor(admin_user))
    work()

    assert len(events_of(parent)) == 2
    assert events_of(child) == ["import.completed_with_failures"]


def test_a_failed_import_writes_one_notice(db: None) -> None:
    operation = running()

    for _attempt in range(2):
        fail_operation(operation=operation, code="x", message="X.", actor=SERVER)

    assert events_of(operation) == ["import.failed"]


def test_cancelled_and_replaced_imports_write_none(
    admin_api: ApiClient, admin_user: User
) -> None:
    first = staged(admin_api)
    second = staged(admin_api)
    cancel_operation(operation=second, actor=Actor(admin_user))

    assert events_of(first) == events_of(second) == ["import.needs_review"]


def test_replacing_a_finished_import_reports_nothing_again(
    admin_api: ApiClient,
) -> None:
    first = imported(admin_api)
    before = events_of(first)

    staged(admin_api)

    assert events_of(first) == before


def test_a_change_that_is_rolled_back_writes_none(db: None) -> None:
    operation = running()

    with transaction.atomic():
        move_operation(operation=operation, to=Status.DONE, actor=SERVER)
        assert Notice.objects.exists()
        transaction.set_rollback(True)

    assert not Notice.objects.exists()


def test_a_stall_is_reported_once(db: None) -> None:
    silent = timezone.now() - timedelta(seconds=61)
    operation = running(heartbeat_at=silent, status_since=silent - timedelta(hours=1))

    for _beat in range(3):
        note_stalls()
    assert events_of(operation) == ["import.stalled"]

    ImportOperation.objects.filter(pk=operation.pk).update(
        heartbeat_at=silent + timedelta(milliseconds=1)
    )
    note_stalls()
    assert events_of(operation) == ["import.stalled"] * 2


def test_a_stall_without_a_heartbeat_is_reported_once(db: None) -> None:
    begun = timezone.now() - timedelta(hours=1)
    operation = running(status_since=begun, updated_at=begun)

    note_stalls()
    ImportOperation.objects.filter(pk=operation.pk).update(
        updated_at=begun + timedelta(minutes=1)  # recovery enqueued it again
    )
    note_stalls()

    assert events_of(operation) == ["import.stalled"]


def test_an_import_that_waited_for_its_start_is_not_stalled(db: None) -> None:
    now = timezone.now()
    running(heartbeat_at=now - timedelta(days=1), status_since=now, updated_at=now)

    note_stalls()

    assert not Notice.objects.exists()
