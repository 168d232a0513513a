"""Who makes a change through the API."""

from __future__ import annotations

from rest_framework.request import Request

from accounts.api.callers import caller_of, credentials_of
from config.http.client_addresses import client_address
from imports_app.transitions import Actor


def actor_of(request: Request) -> Actor:
    """Return the caller and the token that was presented."""
    token_id = credentials_of(request).token_id
    return Actor(caller_of(request), token_id, client_address(request))
