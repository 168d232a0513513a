"""Order of the events of all timelines, for clients that read them as a stream."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import F

from imports_app.models import EventOrder

_BATCH: Final = 5_000


def order_events() -> EventOrder:
    """Assign positions to committed events without one; return the order.

    Two queries if there are no such events. A transaction that commits later gets
    higher positions, whatever the keys of its events are.
    """
    order = EventOrder.objects.get()
    while order.new_events(order.first_pk).exists():
        order = _order_batch()
    return order


@transaction.atomic
def _order_batch() -> EventOrder:
    """Assign positions to the next events by their keys, in one statement.

    Positions have the same distances as the keys, so that no events need to be counted.
    """
    order = EventOrder.objects.select_for_update().get()
    # Read after the lock is held, so that the events of the last holder have positions.
    new = order.new_events(order.first_pk)
    if pks := list(new.values_list("pk", flat=True)[:_BATCH]):
        shift = max(0, order.last + 1 - pks[0])
        # Events that were committed since are between them, or get positions later.
        within = new.order_by().filter(pk__range=(pks[0], pks[-1]))
        within.update(position=F("pk") + shift)
        order.last = pks[-1] + shift
        order.save(update_fields=["last"])
    return order
