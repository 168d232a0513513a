"""The way of an operation in a few steps, and where on it the operation is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from django.utils.translation import gettext_lazy as _

from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation, OperationEvent
from imports_app.statuses import FINISHED, IMPORTING, PREPARING, Status

_Way: TypeAlias = tuple[tuple[Any, frozenset[Status]], ...]

_BEGUN: Final = frozenset({Status.NEW, Status.UPLOADING, Status.DOWNLOADING_FILE})
_READ: Final = PREPARING | {Status.FILE_LOADED}
_SELECTED: Final = frozenset({Status.USER_SELECTION})
_END: Final = (_("Done"), frozenset({Status.DONE}))
_OF_FILES: Final[_Way] = (
    (_("File"), _BEGUN),
    (_("Read"), _READ),
    (_("Select"), _SELECTED),
    (_("Import"), IMPORTING),
    _END,
)
_OF_RETRIES: Final[_Way] = (
    (_("Read"), _BEGUN | _READ | _SELECTED),
    (_("Import"), IMPORTING),
    _END,
)
_OF_PUSHES: Final[_Way] = (
    (_("Users"), _BEGUN | _READ | _SELECTED),
    (_("Import"), IMPORTING),
    _END,
)
_OF_FETCHING: Final[_Way] = (
    (_("Look up"), _BEGUN | _READ | _SELECTED),
    (_("Fetch"), IMPORTING),
    _END,
)
_WORDS: Final = {
    "done": _("done"),
    "now": _("now"),
    "stopped": _("ended here"),
    "ahead": _("still to come"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way."""

    name: Any
    standing: str
    """`done`, `now`, `stopped` or `ahead`."""

    @property
    def words(self) -> Any:
        """What the standing is called."""
        return _WORDS[self.standing]


def steps_of(
    operation: ImportOperation, events: Sequence[OperationEvent]
) -> list[Step]:
    """Return the steps.

    Args:
        operation: Whose steps.
        events: The end of its timeline; it knows where a failed one was.
    """
    way = _way_of(operation)
    status = Status(operation.status)
    if status is Status.DONE:
        return [Step(name, "done") for name, _statuses in way]
    is_over = not operation.is_valid or status in FINISHED
    if status in FINISHED:
        status = _last_before(status, events)
    reached = next(
        index for index, (_name, statuses) in enumerate(way) if status in statuses
    )
    present = "stopped" if is_over else "now"
    return [
        Step(
            name,
            "done" if index < reached else present if index == reached else "ahead",
        )
        for index, (name, _statuses) in enumerate(way)
    ]


def _way_of(operation: ImportOperation) -> _Way:
    importer = find_importer(operation.importer_key)
    if importer is not None and importer.fetches is not None:
        return _OF_FETCHING
    if operation.parent_id is not None:
        return _OF_RETRIES
    return _OF_PUSHES if operation.importer_key == "api" else _OF_FILES


def _last_before(end: Status, events: Sequence[OperationEvent]) -> Status:
    """Return where the operation was when it came to its end."""
    for event in reversed(events):
        if event.to_status == end and event.from_status not in {"", *FINISHED}:
            return Status(event.from_status)
    return Status.NEW
