"""Actor of an API request."""

from __future__ import annotations

from rest_framework.request import Request

from accounts.api.callers import caller_of, credentials_of
from config.http.client_addresses import client_address
from imports_app.transitions import Actor


def actor_of(request: Request) -> Actor:
    """Return the caller with the token and client address of the request."""
    token_id = credentials_of(request).token_id
    return Actor(caller_of(request), token_id, client_address(request))
