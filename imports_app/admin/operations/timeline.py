"""Who did what when with an operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.formatting import grouped, moment
from imports_app.admin.columns import is_ended
from imports_app.models import ImportOperation, OperationEvent
from imports_app.statuses import FINISHED, Status

_COUNTERS: Final = {
    "total": gettext_lazy("records"),
    "completed": gettext_lazy("imported"),
    "error": gettext_lazy("failed"),
    "users": gettext_lazy("users"),
    "channels": gettext_lazy("rooms"),
    "messages": gettext_lazy("messages"),
    "contacts": gettext_lazy("contacts"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One change, in words."""

    when: str
    who: str
    what: str
    counted: str


@dataclass(frozen=True, slots=True)
class End:
    """By whom and when an operation was ended before it was done."""

    when: str
    who: str
    at: Any
    """What it was about to do."""


def entry_of(event: OperationEvent) -> Entry:
    """Return an event in words."""
    counted = " · ".join(
        f"{_COUNTERS[name]}: {grouped(number)}"
        for name, number in event.counters.items()
        if name in _COUNTERS
    )
    return Entry(moment(event.created_at), _who(event), _what(event), counted)


def end_of(operation: ImportOperation, events: Sequence[OperationEvent]) -> End | None:
    """Return how the operation was ended, if the timeline tells."""
    if not is_ended(operation):
        return None
    for event in reversed(events):
        if not event.is_valid:
            at = Status(operation.status).label
            return End(moment(event.created_at), _who(event), at)
    return None


def _who(event: OperationEvent) -> str:
    """Return who acted, by which token; nobody is the server."""
    if event.actor is None:
        return _("the server")
    if event.token is None:
        return str(event.actor)
    return _("%(user)s, token %(token)s") % {
        "user": event.actor,
        "token": event.token,
    }


def _what(event: OperationEvent) -> str:
    """Say from where to where it went."""
    reached = Status(event.to_status).label
    if not event.from_status:
        return _("Created")
    if event.from_status == event.to_status:
        if event.is_valid:
            return _("Changed, stays at: %s") % reached
        if event.to_status in FINISHED:
            return _("Not current any more")
        return _("Ended, stays at: %s") % reached
    return f"{Status(event.from_status).label} → {reached}"
