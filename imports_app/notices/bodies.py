"""Bodies of webhooks."""

from __future__ import annotations

import orjson

from config.api.wire import iso_ms
from imports_app.api import wire
from imports_app.health.progress import get_progress
from imports_app.models import ImportOperation, Notice


def body_of(notice: Notice) -> str:
    """Return the JSON that webhooks send, with the import in its present state.

    The layout is that of Standard Webhooks; `data` is the operation as
    `GET importOperations/{id}` returns it. It contains no URL of a source.
    """
    operation = ImportOperation.objects.with_parent().get(pk=notice.operation_id)
    events = operation.events.in_order()
    document = {
        "type": notice.event,
        "timestamp": iso_ms(notice.created_at),
        "data": {
            "operation": wire.operation_details(
                operation, get_progress(operation), events
            )
        },
    }
    return orjson.dumps(document).decode()
