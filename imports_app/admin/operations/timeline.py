"""Timeline of an operation: who did what and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.formatting import format_number, format_time
from imports_app.admin.columns import is_ended
from imports_app.models import ImportOperation, OperationEvent
from imports_app.statuses import FINISHED, Status, UndoState
from imports_app.transitions import REPLACED

_COUNTERS: Final = {
    "total": gettext_lazy("records"),
    "completed": gettext_lazy("succeeded"),
    "error": gettext_lazy("failed"),
    "users": gettext_lazy("users"),
    "channels": gettext_lazy("rooms"),
    "messages": gettext_lazy("messages"),
    "contacts": gettext_lazy("contacts"),
}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Displayed line of the timeline."""

    when: str
    who: str
    what: str
    counters: str


@dataclass(frozen=True, slots=True)
class Cancellation:
    """User, time and status of a cancelled or replaced operation."""

    when: str
    who: str
    status: Any
    """Label of the status in which it stopped."""


def entry_of(event: OperationEvent) -> TimelineEntry:
    """Return the displayed line of an event."""
    counters = " · ".join(
        f"{_COUNTERS[name]}: {format_number(number)}"
        for name, number in event.counters.items()
        if name in _COUNTERS
    )
    return TimelineEntry(
        format_time(event.created_at),
        _actor_label(event),
        _change_label(event),
        counters,
    )


def cancellation_of(
    operation: ImportOperation, events: Sequence[OperationEvent]
) -> Cancellation | None:
    """Return how the operation was cancelled or replaced, if the events tell."""
    if not is_ended(operation):
        return None
    for event in reversed(events):
        if not event.is_valid and not event.corrected:
            status = Status(operation.status).label
            return Cancellation(
                format_time(event.created_at), _actor_label(event), status
            )
    return None


def _actor_label(event: OperationEvent) -> str:
    """Return the user and the token; an event without a user is the server's."""
    if event.actor is None:
        return _("the server")
    if event.token is None:
        return str(event.actor)
    return _("%(user)s, token %(token)s") % {
        "user": event.actor,
        "token": event.token,
    }


def _undo_label(event: OperationEvent) -> str:
    """Return what an undo did: only its end has no actor."""
    if event.undo_state == UndoState.UNDONE:
        return _("Undone")
    if event.actor is None:
        return _("Undo finished; some data was kept")
    return _("Undo started")


def _change_label(event: OperationEvent) -> str:
    """Return the change of the status."""
    if event.corrected:
        if event.is_correction_removed:
            return _("Correction removed: %s") % event.corrected
        return _("Record corrected: %s") % event.corrected
    if event.undo_state:
        return _undo_label(event)
    reached = Status(event.to_status).label
    if not event.from_status:
        return _("Created")
    if event.from_status == event.to_status:
        if event.is_valid:
            return _("Changed during: %s") % reached
        if event.to_status in FINISHED:
            return _("A newer import was created")
        if event.operation.error_code == REPLACED.code:
            return _("Replaced during: %s") % reached
        return _("Cancelled during: %s") % reached
    return f"{Status(event.from_status).label} → {reached}"
