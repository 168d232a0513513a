"""JSON documents of connected servers, without their tokens."""

from __future__ import annotations

from config.api.wire import JSONDict, drop_none, iso_ms
from imports_app.models import Server, ServerPoll


def server(one: Server) -> JSONDict:
    """Return a server with its last check and the state of its mirror."""
    poll = ServerPoll.of(one)
    return drop_none(
        {
            "name": one.name,
            "kind": one.kind,
            "address": one.base_address,
            "userId": one.user_id,
            "enabled": one.is_enabled,
            "version": one.version or None,
            "checkedAt": one.checked_at and iso_ms(one.checked_at),
            "findings": one.findings,
            "mirror": poll and _mirror(poll),
        }
    )


def _mirror(poll: ServerPoll) -> JSONDict:
    error = {"code": poll.error_code, "message": poll.error} if poll.error else None
    return drop_none(
        {
            "polledAt": poll.polled_at and iso_ms(poll.polled_at),
            "active": poll.is_active,
            "failures": poll.failures,
            "error": error,
        }
    )
