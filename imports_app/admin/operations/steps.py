"""Steps of an import, such as upload, read, select and import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from django.utils.translation import gettext_lazy as _

from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation, OperationEvent
from imports_app.statuses import FINISHED, IMPORTING, PREPARING, Status

_StepPlan: TypeAlias = tuple[tuple[Any, frozenset[Status]], ...]

_CREATED: Final = frozenset({Status.NEW, Status.UPLOADING, Status.DOWNLOADING_FILE})
_READ: Final = PREPARING | {Status.FILE_LOADED}
_SELECTED: Final = frozenset({Status.USER_SELECTION})
_END: Final = (_("Done"), frozenset({Status.DONE}))
_FILE_STEPS: Final[_StepPlan] = (
    (_("Upload"), _CREATED),
    (_("Read"), _READ),
    (_("Select"), _SELECTED),
    (_("Import"), IMPORTING),
    _END,
)
_RETRY_STEPS: Final[_StepPlan] = (
    (_("Read"), _CREATED | _READ | _SELECTED),
    (_("Import"), IMPORTING),
    _END,
)
_API_STEPS: Final[_StepPlan] = (
    (_("Users"), _CREATED | _READ | _SELECTED),
    (_("Import"), IMPORTING),
    _END,
)
_DOWNLOAD_STEPS: Final[_StepPlan] = (
    (_("Find files"), _CREATED | _READ | _SELECTED),
    (_("Download"), IMPORTING),
    _END,
)
_UNDO_STEPS: Final[_StepPlan] = (
    (_("Start"), _CREATED | _READ | _SELECTED),
    (_("Undo"), IMPORTING),
    _END,
)
_STATE_LABELS: Final = {
    "done": _("done"),
    "now": _("current"),
    "stopped": _("stopped here"),
    "ahead": _("pending"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an import and its state."""

    name: Any
    state: str
    """`done`, `now`, `stopped` or `ahead`."""

    @property
    def state_label(self) -> Any:
        """Translated label of the state."""
        return _STATE_LABELS[self.state]


def steps_of(
    operation: ImportOperation, events: Sequence[OperationEvent]
) -> list[Step]:
    """Return the steps of an operation with their states.

    Args:
        operation: The operation.
        events: Its newest events, which tell at which step a failed one stopped.
    """
    plan = _plan_of(operation)
    status = Status(operation.status)
    if status is Status.DONE:
        return [Step(name, "done") for name, _statuses in plan]
    is_over = not operation.is_valid or status in FINISHED
    if status in FINISHED:
        status = _last_before(status, events)
    reached = next(
        index for index, (_name, statuses) in enumerate(plan) if status in statuses
    )
    current = "stopped" if is_over else "now"
    return [
        Step(
            name,
            "done" if index < reached else current if index == reached else "ahead",
        )
        for index, (name, _statuses) in enumerate(plan)
    ]


def _plan_of(operation: ImportOperation) -> _StepPlan:
    if operation.is_undo:
        return _UNDO_STEPS
    importer = find_importer(operation.importer_key)
    if importer is not None and importer.fetches is not None:
        return _DOWNLOAD_STEPS
    if operation.parent_id is not None:
        return _RETRY_STEPS
    return _API_STEPS if operation.importer_key == "api" else _FILE_STEPS


def _last_before(end: Status, events: Sequence[OperationEvent]) -> Status:
    """Return the status that the operation had before it ended."""
    for event in reversed(events):
        if event.to_status == end and event.from_status not in {"", *FINISHED}:
            return Status(event.from_status)
    return Status.NEW
