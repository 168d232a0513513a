"""Events of the timelines, and progress, in the format of server-sent events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from config.api.errors import InvalidParamsError
from config.server.event_streams import Event
from imports_app.api import wire
from imports_app.api.waiting.versions import EVENTS
from imports_app.health.progress import get_progress
from imports_app.models import ImportOperation, OperationEvent
from imports_app.services.event_order import order_events

if TYPE_CHECKING:
    from config.api.wire import JSONDict

PAGE: Final = 200
"""Maximum number of events that are read at once."""


class Page(NamedTuple):
    """Encoded events, and the position up to which they are complete."""

    content: bytes
    position: int


class TimelineSource:
    """Source of the streams: events with positions, and progress without."""

    topic = EVENTS

    def last_position(self) -> int:
        """Return the position of the last event."""
        return order_events().last

    def events_after(self, position: int) -> list[Event]:
        """Return the next events of all operations."""
        order = order_events()
        rows = OperationEvent.objects.positioned_after(position, order, PAGE)
        return [_encoded(row) for row in rows]

    def progress(self) -> list[Event]:
        """Return the progress of the operation that is running, if there is one."""
        running = ImportOperation.objects.running().without_large_fields()
        return [
            Event(0, row.public_id, _progress(row)) for row in running if row.is_running
        ]


def next_events(operation: ImportOperation | None, after: int | None) -> Page:
    """Return the next events of an operation, or of all.

    Args:
        operation: The operation; `None` for all.
        after: Position of the last event that the client has; `None` for the whole
            timeline of an operation, and for only the future events of all.

    Raises:
        InvalidParamsError: The position does not exist.
    """
    order = order_events()
    if after is None:
        after = order.last if operation is None else 0
    if after > order.last:
        raise InvalidParamsError("Last-Event-ID: no event has this ID; omit the header")
    rows = OperationEvent.objects if operation is None else operation.events
    events = [_encoded(row) for row in rows.positioned_after(after, order, PAGE)]
    content = b"".join(event.data for event in events)
    if len(events) == PAGE:
        return Page(content, events[-1].position)
    # All events up to this position were read. The ID says where to continue, also if
    # there is no event of this operation for a long time.
    position = max(order.last, *(event.position for event in events[-1:]), after)
    return Page(content + b"id: %d\n\n" % position, position)


def _encoded(row: OperationEvent) -> Event:
    position = row.pk if row.position is None else row.position
    operation = row.operation.public_id
    document = wire.stream_event(row, operation)
    return Event(
        position, operation, b"id: %d\n" % position + _block("timeline", document)
    )


def _progress(row: ImportOperation) -> bytes:
    return _block("progress", wire.progress_event(row, get_progress(row)))


def _block(name: str, document: JSONDict) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(document))
