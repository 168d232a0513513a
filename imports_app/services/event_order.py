"""Order of the events of all timelines, for clients that read them as a stream."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from imports_app.models import EventOrder, OperationEvent

_BATCH: Final = 500


def order_events() -> EventOrder:
    """Assign positions to committed events that have none; return the order.

    Two queries if there are none. A transaction that commits later gets higher
    positions, whatever the keys of its events are.
    """
    order = EventOrder.objects.get()
    while order.new_events(order.first_pk).exists():
        order = _order_batch()
    return order


@transaction.atomic
def _order_batch() -> EventOrder:
    order = EventOrder.objects.select_for_update().get()
    # Read after the lock is held, so that the events of the last holder have positions.
    events = list(order.new_events(order.first_pk).only("pk")[:_BATCH])
    for event in events:
        order.last += 1
        event.position = order.last
    OperationEvent.objects.bulk_update(events, ["position"])
    order.save(update_fields=["last"])
    return order
