"""Overall status of an operation, as the admin shows it.

The wire has a status, which does not change when an operation is cancelled or replaced,
and a validity. The admin shows and filters one status that is derived from both and
from the number of failed records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from imports_app.statuses import CANCELLED_CODE, FINISHED, Status, UndoState

if TYPE_CHECKING:
    from imports_app.models import ImportOperation


class OverallStatus(models.TextChoices):
    """Status that the admin shows."""

    IN_PROGRESS = "in-progress", _("In progress")
    WAITING = "waiting-for-review", _("Waiting for review")
    COMPLETED = "completed", _("Completed")
    WITH_FAILURES = "completed-with-failures", _("Completed with failures")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    REPLACED = "replaced", _("Replaced")
    PARTLY_UNDONE = "partly-undone", _("Partly undone")
    UNDONE = "undone", _("Undone")


def overall_status_of(operation: ImportOperation) -> OverallStatus:
    """Return the overall status of an operation."""
    if (undone := _UNDONE.get(operation.undo_state)) is not None:
        return undone
    status = Status(operation.status)
    if status is Status.DONE:
        has_failures = bool(operation.count_error)
        done = OverallStatus.COMPLETED
        return OverallStatus.WITH_FAILURES if has_failures else done
    if status is Status.FAILED:
        return OverallStatus.FAILED
    if status is Status.CANCELLED:
        return OverallStatus.CANCELLED
    if not operation.is_valid:
        is_cancelled = operation.error_code == CANCELLED_CODE
        return OverallStatus.CANCELLED if is_cancelled else OverallStatus.REPLACED
    if status is Status.USER_SELECTION:
        return OverallStatus.WAITING
    return OverallStatus.IN_PROGRESS


_UNDONE: Final[dict[str, OverallStatus]] = {
    UndoState.PARTLY: OverallStatus.PARTLY_UNDONE,
    UndoState.UNDONE: OverallStatus.UNDONE,
}
_LEFT: Final = ~Q(undo_state__in=list(_UNDONE))
_DONE: Final = Q(status=Status.DONE)
_FAILURES: Final = Q(count_error__gt=0)
_UNFINISHED: Final = ~Q(status__in=FINISHED)
_REVIEW: Final = Q(status=Status.USER_SELECTION)
_ENDED: Final = _UNFINISHED & Q(is_valid=False)
_CODE: Final = Q(error_code=CANCELLED_CODE)
CONDITIONS: Final[dict[OverallStatus, Q]] = {
    **{overall: Q(undo_state=state) for state, overall in _UNDONE.items()},
    OverallStatus.WITH_FAILURES: _LEFT & _DONE & _FAILURES,
    OverallStatus.COMPLETED: _LEFT & _DONE & (Q(count_error=0) | Q(count_error=None)),
    OverallStatus.FAILED: _LEFT & Q(status=Status.FAILED),
    OverallStatus.CANCELLED: _LEFT & (Q(status=Status.CANCELLED) | (_ENDED & _CODE)),
    OverallStatus.REPLACED: _LEFT & _ENDED & ~_CODE,
    OverallStatus.WAITING: _LEFT & _REVIEW & Q(is_valid=True),
    OverallStatus.IN_PROGRESS: _LEFT & _UNFINISHED & ~_REVIEW & Q(is_valid=True),
}
"""Conditions in the database: the same as `overall_status_of`."""
IN_DATABASE: Final = Case(
    *(When(condition, Value(status)) for status, condition in CONDITIONS.items()),
    output_field=models.CharField(),
)
