"""Overall status of operations."""

from __future__ import annotations

from itertools import product

import pytest

from imports_app.models import ImportOperation
from imports_app.querysets.overall_status import IN_DATABASE, OverallStatus
from imports_app.statuses import Status, UndoState
from imports_app.transitions import CANCELLED, REPLACED
from tests.factories import ImportOperationFactory

pytestmark = pytest.mark.django_db


def operations_of_every_kind() -> list[ImportOperation]:
    """Create one invalid operation for each combination of what decides the status."""
    kinds = product(
        Status,
        ("", CANCELLED.code, REPLACED.code),
        (None, 0, 3),
        (UndoState.AVAILABLE, UndoState.PARTLY, UndoState.UNDONE),
    )
    return ImportOperation.objects.bulk_create(
        ImportOperationFactory.build(
            user=None,
            status=status,
            error_code=code,
            count_error=failed,
            undo_state=undo_state,
            is_valid=False,
        )
        for status, code, failed, undo_state in kinds
    )


def test_the_database_derives_the_same_overall_status() -> None:
    operations = operations_of_every_kind()
    rows = ImportOperation.objects.annotate(overall=IN_DATABASE)

    assert dict(rows.values_list("pk", "overall")) == {
        operation.pk: operation.overall_status for operation in operations
    }
    for overall in OverallStatus:
        found = ImportOperation.objects.with_overall_status(overall)
        assert {operation.pk for operation in found} == {
            operation.pk
            for operation in operations
            if operation.overall_status == overall
        }


def test_the_database_derives_the_same_overall_status_of_valid_operations() -> None:
    for operation in operations_of_every_kind():
        operation.is_valid = True  # only one operation at a time can be valid
        operation.save(update_fields=["is_valid"])

        expected = ImportOperation.objects.with_overall_status(operation.overall_status)
        columns = expected.annotate(overall=IN_DATABASE).filter(pk=operation.pk)
        assert columns.get().overall == operation.overall_status  # type: ignore[attr-defined] # annotated

        operation.is_valid = False
        operation.save(update_fields=["is_valid"])


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({"status": Status.UPLOADING, "is_valid": True}, "In progress"),
        ({"status": Status.IMPORTING_MESSAGES, "is_valid": True}, "In progress"),
        ({"status": Status.USER_SELECTION, "is_valid": True}, "Waiting for review"),
        ({"status": Status.DONE, "is_valid": False}, "Completed"),
        ({"status": Status.DONE, "count_error": 1}, "Completed with failures"),
        ({"status": Status.FAILED, "is_valid": True}, "Failed"),
        (
            {"status": Status.IMPORTING_USERS, "error_code": CANCELLED.code},
            "Cancelled",
        ),
        ({"status": Status.USER_SELECTION, "error_code": REPLACED.code}, "Replaced"),
        ({"count_error": 1, "undo_state": UndoState.PARTLY}, "Partly undone"),
        ({"undo_state": UndoState.UNDONE}, "Undone"),
    ],
)
def test_the_overall_status_reflects_the_end_of_an_operation(
    fields: dict[str, object], label: str
) -> None:
    operation = ImportOperationFactory.create(**fields)

    assert str(operation.overall_status.label) == label
