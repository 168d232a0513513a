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


def test_the_database_derives_the_same_overall_status() -> None:
    """Only one operation can be valid, so validity is changed between two readings."""
    for status, code, failed, undo_state in product(
        Status,
        ("", CANCELLED.code, REPLACED.code),
        (None, 0, 3),
        (UndoState.AVAILABLE, UndoState.PARTLY, UndoState.UNDONE),
    ):
        operation = ImportOperationFactory.create(
            status=status, error_code=code, count_error=failed, undo_state=undo_state
        )
        for is_valid in (False, True):
            ImportOperation.objects.filter(pk=operation.pk).update(is_valid=is_valid)
            rows = ImportOperation.objects.filter(pk=operation.pk)
            [overall] = rows.annotate(overall=IN_DATABASE).values_list(
                "overall", flat=True
            )
            filtered = [
                found
                for found in OverallStatus
                if ImportOperation.objects.with_overall_status(found)
                .filter(pk=operation.pk)
                .exists()
            ]
            assert filtered == [rows.get().overall_status] == [overall]
        operation.delete()


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
