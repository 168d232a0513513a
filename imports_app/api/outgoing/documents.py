"""Documents of deliveries."""

from __future__ import annotations

from datetime import timedelta

from config.api.wire import JSONDict, drop_none, iso_ms
from imports_app.models import DeliveredRoom, Delivery, DeliveryEvent


def delivery_document(delivery: Delivery) -> JSONDict:
    """Return a delivery, read `with_names`."""
    last = delivery.until and delivery.until - timedelta(days=1)
    return drop_none(
        {
            "_id": delivery.public_id,
            "server": delivery.server.name,
            "state": delivery.state,
            "step": delivery.step if delivery.started_at else None,
            "user": delivery.starter and delivery.starter.public_id,
            "files": delivery.has_files,
            "since": delivery.since and delivery.since.isoformat(),
            "until": last and last.isoformat(),
            "ts": iso_ms(delivery.created_at),
            "startedAt": delivery.started_at and iso_ms(delivery.started_at),
            "finishedAt": delivery.finished_at and iso_ms(delivery.finished_at),
            "_updatedAt": iso_ms(delivery.updated_at),
            "waitingFor": delivery.note or None,
            "nextAttemptAt": delivery.due_at and iso_ms(delivery.due_at),
            "error": delivery.error or None,
            "errorType": delivery.error_code or None,
            "count": {
                "messages": delivery.messages_total,
                "sent": delivery.messages_sent,
                "usersCreated": delivery.users_created,
                "usersConnected": delivery.users_connected,
                "problems": delivery.problems,
                "recordsFailed": delivery.records_failed,
                "avatarsFailed": delivery.avatars_failed,
                "filesFailed": delivery.files_failed,
            },
        }
    )


def room_document(room: DeliveredRoom) -> JSONDict:
    """Return the outcome of a room."""
    return drop_none(
        {
            "rid": room.room,
            "name": room.name,
            "t": room.type,
            "sent": room.sent,
            "new": room.added,
            "arrived": room.arrived,
            "problem": room.problem or None,
        }
    )


def event_document(event: DeliveryEvent) -> JSONDict:
    """Return an entry of the timeline."""
    return drop_none(
        {
            "ts": iso_ms(event.created_at),
            "user": event.actor or None,
            "text": event.text,
        }
    )
