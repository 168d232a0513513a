"""What the page of a delivery shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from config.admin.formatting import format_time
from imports_app.models import Delivery, DeliveryState, DeliveryStep

MOST_ROOMS: Final = 500
"""Maximum number of rooms that the page lists, those with problems first."""
_MOST_EVENTS: Final = 100
_TONES: Final = {
    DeliveryState.COMPLETED: "good",
    DeliveryState.FAILED: "bad",
    DeliveryState.BLOCKED: "mixed",
    DeliveryState.CANCELLED: "mixed",
}
_MEANINGS: Final = {
    DeliveryState.PLANNING: _(
        "A worker is preparing the preview. Nothing has been sent."
    ),
    DeliveryState.PREVIEW: _(
        "Nothing has been sent. Review the preview, then start the delivery."
    ),
    DeliveryState.RUNNING: _(
        "The delivery is in progress. You can close this page; it continues."
    ),
    DeliveryState.BLOCKED: _(
        "Another import is in progress on the server. The delivery continues"
        " automatically when that import has ended."
    ),
    DeliveryState.COMPLETED: _("All rooms were sent and verified."),
    DeliveryState.FAILED: _(
        "The delivery has stopped. What was imported stays on the server."
    ),
    DeliveryState.CANCELLED: _(
        "The delivery was cancelled. What was imported stays on the server."
    ),
}


@dataclass(frozen=True, slots=True)
class Step:
    """Step of a delivery and its state."""

    name: Any
    state: str
    state_label: Any


@dataclass(frozen=True, slots=True)
class Row:
    """Room with its numbers."""

    name: str
    sent: int
    added: int
    arrived: int | None
    problem: str


def context_of(delivery: Delivery) -> dict[str, Any]:
    """Return the context of the page's template."""
    rooms = delivery.outcomes.order_by("-problem", "name", "pk")
    events = list(delivery.events.order_by("-pk")[:_MOST_EVENTS])
    total = delivery.messages_total
    return {
        "delivery": delivery,
        "tone": _tone(delivery),
        "meaning": _meaning(delivery),
        "state_label": delivery.get_state_display(),
        "steps": list(_steps(delivery)) if delivery.started_at else [],
        "preview": delivery.preview or None,
        "conflicts": _conflicts(delivery),
        "percent": delivery.messages_sent * 100 // total if total else None,
        "numbers": [
            (_("Messages sent"), f"{delivery.messages_sent:,} / {total:,}"),
            (_("Users created"), f"{delivery.users_created:,}"),
            (_("Users connected"), f"{delivery.users_connected:,}"),
            *_failures(delivery),
        ],
        "rows": [
            Row(room.name, room.sent, room.added, room.arrived, room.problem)
            for room in rooms[:MOST_ROOMS]
        ],
        "hidden_rooms": max(rooms.count() - MOST_ROOMS, 0),
        "timeline": [
            (format_time(event.created_at), event.text, event.actor)
            for event in events[::-1]
        ],
        "next_attempt": format_time(delivery.due_at) if delivery.note else "",
    }


def _tone(delivery: Delivery) -> str:
    is_done = delivery.state == DeliveryState.COMPLETED
    if is_done and not delivery.is_complete:
        return "mixed"
    return _TONES.get(DeliveryState(delivery.state), "")


def _failures(delivery: Delivery) -> Iterator[tuple[Any, str]]:
    """Yield the numbers of records, avatars and files that failed on the server."""
    for label, number in (
        (_("Failed records"), delivery.records_failed),
        (_("Failed avatars"), delivery.avatars_failed),
        (_("Failed files"), delivery.files_failed),
    ):
        if number:
            yield label, f"{number:,}"


def _meaning(delivery: Delivery) -> Any:
    if delivery.state == DeliveryState.COMPLETED and delivery.problems:
        return _("Some rooms did not arrive completely. They are listed first below.")
    if delivery.state == DeliveryState.COMPLETED and not delivery.is_complete:
        return _(
            "The messages of all rooms arrived, but the server could not import other"
            " records or download files. See the imports on the server."
        )
    return _MEANINGS[DeliveryState(delivery.state)]


def _conflicts(delivery: Delivery) -> list[str]:
    found: list[str] = delivery.preview.get("rooms", {}).get("conflicts", [])
    return found if delivery.state == DeliveryState.PREVIEW else []


def _steps(delivery: Delivery) -> Iterator[Step]:
    is_done = delivery.state == DeliveryState.COMPLETED
    is_stopped = delivery.state in (DeliveryState.FAILED, DeliveryState.CANCELLED)
    is_ahead = False
    downloads = (DeliveryStep.AVATARS, DeliveryStep.FILES)
    for step in DeliveryStep:
        if step in downloads and not delivery.has_files:
            continue
        if is_done:
            yield Step(step.label, "done", _("done"))
        elif step == delivery.step:
            is_ahead = True
            if is_stopped:
                yield Step(step.label, "stopped", _("stopped here"))
            else:
                yield Step(step.label, "now", _("current"))
        elif is_ahead:
            yield Step(step.label, "ahead", _("pending"))
        else:
            yield Step(step.label, "done", _("done"))
