"""Running and waiting time of operations, and their end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import User
from imports_app import transitions
from imports_app.admin.columns import duration
from imports_app.models import ImportOperation
from imports_app.services.operations import cancel_operation, create_operation
from imports_app.statuses import Status
from imports_app.transitions import SERVER, Actor, fail_operation, move_operation

Move = Callable[[float, Status], None]


@pytest.fixture
def operation(admin_user: User) -> ImportOperation:
    return create_operation(
        actor=Actor(admin_user), importer_key="csv", importer_name="CSV"
    )


@pytest.fixture
def after(
    operation: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> Callable[[float], None]:
    """Return a function that sets the clock to seconds after the start."""

    def set_clock(seconds: float) -> None:
        now = operation.created_at + timedelta(seconds=seconds)
        monkeypatch.setattr(transitions, "now_in_milliseconds", lambda: now)

    return set_clock


@pytest.fixture
def move(operation: ImportOperation, after: Callable[[float], None]) -> Move:
    def at(seconds: float, status: Status) -> None:
        after(seconds)
        assert move_operation(operation=operation, to=status, actor=SERVER)

    return at


def test_waiting_time_is_counted_separately(
    operation: ImportOperation, move: Move
) -> None:
    move(0, Status.UPLOADING)
    move(2, Status.FILE_LOADED)
    move(5, Status.PREPARING_STARTED)
    move(6, Status.USER_SELECTION)
    move(3606, Status.IMPORTING_STARTED)
    move(3607.5, Status.FINISHING)
    move(3608, Status.DONE)

    assert operation.running_time == timedelta(seconds=2 + 1 + 2)
    assert operation.waiting_time == timedelta(seconds=3 + 3600)
    assert operation.finished_at == operation.created_at + timedelta(seconds=3608)
    assert duration(operation) == "took 5 s, waited 1 h"


def test_times_stay_the_same_after_the_end(
    operation: ImportOperation, admin_user: User, move: Move
) -> None:
    move(0, Status.UPLOADING)
    move(7, Status.FAILED)
    shown = duration(operation)

    create_operation(actor=Actor(admin_user), importer_key="csv", importer_name="CSV")

    operation.refresh_from_db()
    assert not operation.is_valid
    assert operation.finished_at == operation.created_at + timedelta(seconds=7)
    assert duration(operation) == shown == "took 7 s"


def test_a_cancelled_operation_has_an_end(
    operation: ImportOperation,
    admin_user: User,
    move: Move,
    after: Callable[[float], None],
) -> None:
    move(0, Status.UPLOADING)
    after(4)

    cancel_operation(operation=operation, actor=Actor(admin_user))

    assert operation.finished_at == operation.created_at + timedelta(seconds=4)
    assert duration(operation) == "ended after 4 s"


def test_running_it_again_clears_the_end(
    operation: ImportOperation, move: Move
) -> None:
    move(0, Status.UPLOADING)
    move(1, Status.FILE_LOADED)
    move(1, Status.PREPARING_STARTED)
    move(2, Status.DONE)
    move(10, Status.USER_SELECTION)

    assert operation.finished_at is None
    assert operation.running_time == timedelta(seconds=2)
    assert duration(operation) == ""


def test_operations_of_earlier_releases_show_the_whole_time(
    operation: ImportOperation, move: Move
) -> None:
    ImportOperation.objects.filter(pk=operation.pk).update(
        running_ms=None, status_since=None
    )
    move(0, Status.UPLOADING)
    fail_operation(operation=operation, code="x", message="x", actor=SERVER)
    ImportOperation.objects.filter(pk=operation.pk).update(
        finished_at=operation.created_at + timedelta(seconds=90)
    )
    operation.refresh_from_db()

    assert operation.running_time is None
    assert operation.waiting_time is None
    assert duration(operation) == "took 1 min 30 s"
