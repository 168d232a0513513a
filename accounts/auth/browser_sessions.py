"""Data of browser sessions: login time, last activity, address, second factor.

The store (`accounts.auth.session_store`) copies some of it to columns.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings

from accounts.models import Session, TwoFactorDevice
from config.http.client_addresses import client_address

STARTED_AT: Final = "_started_at"
SEEN_AT: Final = "_seen_at"
ADDRESS: Final = "_address"
USER_AGENT: Final = "_user_agent"
_TWO_FACTOR_DEVICE: Final = "_two_factor_device"
_CONFIRMED_AT: Final = "_confirmed_at"
_SEEN_PRECISION: Final = 60
"""Seconds."""
_USER_AGENT_LENGTH: Final = 255
_ADDRESS_LENGTH: Final = 45
_REFERENCE_LENGTH: Final = 32
_DIGEST_LENGTH: Final = 40


def start(data: MutableMapping[str, Any]) -> None:
    """Record the start of a session, once."""
    data.setdefault(STARTED_AT, int(time.time()))


def fill(row: Session, data: MutableMapping[str, Any]) -> None:
    """Copy the session's data to the columns of its row and set the expiry time."""
    row.created_at = _moment(data[STARTED_AT])
    row.last_seen_at = _moment(data[SEEN_AT]) if SEEN_AT in data else None
    row.address = data.get(ADDRESS, "")
    row.user_agent = data.get(USER_AGENT, "")
    row.expire_date = end_of(data)


def end_of(data: MutableMapping[str, Any]) -> datetime:
    """Return the expiry time, from SESSION_IDLE_MINUTES and SESSION_MAX_HOURS."""
    now = time.time()
    lifetime = timedelta(hours=settings.SESSION_MAX_HOURS).total_seconds()
    idle = timedelta(minutes=settings.SESSION_IDLE_MINUTES).total_seconds()
    seen = data.get(SEEN_AT, now)
    end = min(data.get(STARTED_AT, now) + lifetime, seen + idle + _SEEN_PRECISION)
    return _moment(end)


def touch(request: Any) -> None:
    """Record the session's last activity, address and browser.

    Written at most once a minute, or when the address changes.

    Raises:
        UpdateError: The session was ended in the meantime.
    """
    session, now = request.session, int(time.time())
    address = client_address(request)[:_ADDRESS_LENGTH]
    is_recent = now - session.get(SEEN_AT, 0) < _SEEN_PRECISION
    if is_recent and session.get(ADDRESS) == address:
        return
    was_modified = session.modified
    session[SEEN_AT] = now
    session[ADDRESS] = address
    session[USER_AGENT] = request.META.get("HTTP_USER_AGENT", "")[:_USER_AGENT_LENGTH]
    # Save now and not with the response, because the request may end this session.
    session.save()
    session.modified = was_modified


def has_passed_two_factor(request: Any, device: TwoFactorDevice) -> bool:
    """Return whether the session was verified with a code of this device."""
    return bool(request.session.get(_TWO_FACTOR_DEVICE) == device.pk)


def pass_two_factor(request: Any, device: TwoFactorDevice) -> None:
    """Mark the session as verified and renew its key against session fixation."""
    request.session.cycle_key()
    request.session[_TWO_FACTOR_DEVICE] = device.pk
    confirm(request)


def confirm(request: Any) -> None:
    """Record that the user has just re-authenticated."""
    request.session[_CONFIRMED_AT] = int(time.time())


def is_recently_confirmed(request: Any) -> bool:
    """Return whether the user logged in or re-authenticated recently."""
    session = request.session
    last = max(session.get(STARTED_AT, 0), session.get(_CONFIRMED_AT, 0))
    limit = timedelta(minutes=settings.REAUTHENTICATION_MINUTES).total_seconds()
    return bool(time.time() - last < limit)


def stored_key(request: Any) -> str:
    """Return the primary key of the request's session."""
    return digest_of(str(request.session.session_key))


def digest_of(key: str) -> str:
    """Return the digest that the database stores instead of a session key.

    It has 160 bits of SHA-256, which fit into the column and are as many as a key has.
    """
    return hashlib.sha256(key.encode()).hexdigest()[:_DIGEST_LENGTH]


def reference_of(session: Session) -> str:
    """Return the public reference of a session, which reveals no stored digest."""
    digest = hashlib.sha256(f"session {session.pk}".encode()).hexdigest()
    return digest[:_REFERENCE_LENGTH]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
