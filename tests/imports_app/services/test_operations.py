from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError

from accounts.models import User
from imports_app.models import ImportOperation
from imports_app.services.operations import clear_operations, create_operation
from imports_app.statuses import FINISHED, MOVES, State, Status, state_of
from imports_app.transitions import SERVER, Actor, move_operation
from tests.factories import ImportOperationFactory


def start(user: User) -> ImportOperation:
    """Start a CSV import."""
    return create_operation(actor=Actor(user), importer_key="csv", importer_name="CSV")


def test_a_new_operation_invalidates_earlier_ones(plain_user: User) -> None:
    first = start(plain_user)
    second = start(plain_user)

    first.refresh_from_db()
    assert (first.is_valid, second.is_valid) == (False, True)
    assert [event.is_valid for event in first.events.in_order()] == [True, False]
    assert first.revision == 2
    assert second.is_running is False


def test_the_database_allows_one_valid_operation(plain_user: User) -> None:
    start(plain_user)

    with pytest.raises(IntegrityError):
        ImportOperationFactory.create(is_valid=True)


def test_a_transition_sets_the_time_and_adds_an_event(plain_user: User) -> None:
    operation = start(plain_user)
    before = operation.revision

    assert move_operation(operation=operation, to=Status.UPLOADING, actor=SERVER)

    assert operation.status == Status.UPLOADING
    assert operation.revision == before + 1
    assert operation.is_running
    event = operation.events.in_order().last()
    assert event is not None
    assert (event.from_status, event.to_status) == (Status.NEW, Status.UPLOADING)
    assert event.created_at == operation.updated_at


def test_rejects_a_transition_that_is_not_allowed(plain_user: User) -> None:
    operation = start(plain_user)

    assert not move_operation(operation=operation, to=Status.DONE, actor=SERVER)

    operation.refresh_from_db()
    assert operation.status == Status.NEW
    assert operation.events.count() == 1


def test_a_concurrent_transition_returns_false(plain_user: User) -> None:
    operation = start(plain_user)
    allowed = {Status.NEW}

    moves = [
        ImportOperation.objects.move(operation.pk, to=Status.UPLOADING, allowed=allowed)
        for _ in range(2)
    ]

    assert moves == [True, False]


def test_only_valid_operations_are_invalidated(plain_user: User) -> None:
    start(plain_user)

    assert [clear_operations(actor=SERVER) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda user: clear_operations(actor=Actor(user)), "importer-cancelled"),
        (start, "importer-replaced"),
    ],
)
def test_an_ended_operation_keeps_its_status_and_the_reason(
    plain_user: User, end: Callable[[User], object], code: str
) -> None:
    operation = start(plain_user)

    end(plain_user)

    operation.refresh_from_db()
    assert (operation.status, operation.is_valid) == (Status.NEW, False)
    assert operation.error_code == code
    assert operation.error_message.endswith("Records imported so far are kept.")


@pytest.mark.parametrize("status", sorted(FINISHED))
def test_a_finished_operation_gets_no_reason(plain_user: User, status: Status) -> None:
    over = ImportOperationFactory.create(
        status=status, is_valid=True, error_code="importer-not-a-zip"
    )

    start(plain_user)

    over.refresh_from_db()
    assert (over.is_valid, over.error_code) == (False, "importer-not-a-zip")


def test_every_status_leads_to_a_final_status() -> None:
    for status in Status:
        reached, ahead = {status}, [status]
        while ahead:
            new = MOVES.get(ahead.pop(), frozenset()) - reached
            reached |= new
            ahead += new
        assert reached & FINISHED


@pytest.mark.parametrize(
    ("status", "is_valid", "state"),
    [
        (Status.NEW, True, State.NEW),
        (Status.NEW, False, State.ERROR),
        (Status.FILE_LOADED, True, State.LOADING),
        (Status.USER_SELECTION, True, State.READY),
        (Status.FINISHING, True, State.IMPORTING),
        (Status.DONE, True, State.DONE),
        (Status.DONE, False, State.DONE),
        (Status.FAILED, True, State.ERROR),
        (Status.CANCELLED, True, State.CANCELED),
        (Status.CANCELLED, False, State.ERROR),
    ],
)
def test_the_state_follows_from_status_and_validity(
    status: Status, is_valid: bool, state: State
) -> None:
    assert state_of(status, is_valid=is_valid) is state
