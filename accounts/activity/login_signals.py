"""Signal receivers that log logins, failed logins, lockouts and logouts.

All forms and endpoints for logins send these signals.

Password guessing must not fill the log. For each account and address, the first, the
tenth, the hundredth failure and so on within an hour is logged. At most
`_MOST_PER_HOUR` failures are logged per hour.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Any, Final

from axes.signals import user_locked_out
from django.contrib.auth import user_logged_in, user_logged_out, user_login_failed
from django.db import DatabaseError
from django.dispatch import receiver

from accounts.auth import two_factor
from accounts.auth.lockouts import UNKNOWN_ACCOUNT, account_name, is_busy, is_refused
from accounts.models import ActivityEntry, User
from accounts.services.activity import Author, State, record_event
from config.api.paths import is_api_path
from config.api.rate_limit import Rate, call_counter
from config.http.client_addresses import client_address

_MOST_PER_HOUR: Final = 300
_UNCOUNTED: Final = Rate(10**9, 3600)
"""Rate without an effective limit, which only counts calls per hour."""

_log = logging.getLogger(__name__)


@receiver(user_logged_in)
def record_login(
    sender: Any, request: Any, user: User, *, second_factor: bool = False, **rest: Any
) -> None:
    """Log a login."""
    if _is_client_request(request):
        with_code = {"second factor": True} if second_factor else {}
        record_event(
            ActivityEntry.Action.LOGGED_IN,
            ActivityEntry.Subject.USER,
            str(user),
            by=Author(user, client_address(request)),
            details={**_login_channel(request), **with_code},
        )


@receiver(user_logged_out)
def record_logout(sender: Any, request: Any, user: User | None, **details: Any) -> None:
    """Log a logout from the admin."""
    if user is not None and _is_client_request(request):
        record_event(
            ActivityEntry.Action.LOGGED_OUT,
            ActivityEntry.Subject.USER,
            str(user),
            by=Author(user, client_address(request)),
            details=_login_channel(request),
        )


@receiver(user_login_failed)
def record_failed_login(
    sender: Any, credentials: dict[str, Any], request: Any = None, **details: Any
) -> None:
    """Log a failed login, within the limits."""
    if not _is_client_request(request) or is_busy(request):
        return  # no password was checked, and nobody is locked out
    name = account_name(request, credentials)
    if is_refused(request):
        _record_refusal(ActivityEntry.Action.LOCKED_OUT, request, name)
    else:
        wrong = "code" if sender == two_factor.__name__ else "password"
        _record_refusal(ActivityEntry.Action.LOGIN_FAILED, request, name, wrong=wrong)


@receiver(user_locked_out)
def record_lockout(sender: Any, request: Any, username: str, **details: Any) -> None:
    """Log a lockout, within the limits."""
    if not is_busy(request):
        _record_refusal(ActivityEntry.Action.LOCKED_OUT, request, username or "")


def _record_refusal(
    action: ActivityEntry.Action, request: Any, name: str, **facts: str
) -> None:
    address = client_address(request)
    attempts = _count("\n".join((action, name, address, *facts.values())))
    if not _is_power_of_ten(attempts):
        return
    entries = _count(action)
    if entries > _MOST_PER_HOUR:
        if _is_power_of_ten(entries):
            _record(action, "various accounts", "", {"not recorded": entries})
        return
    # An unknown name may be a password that was typed into the wrong field.
    user = User.objects.named(name).first() if name else None
    details = {**_login_channel(request), **facts, "attempts within an hour": attempts}
    _record(action, str(user or UNKNOWN_ACCOUNT), address, details)


def _record(
    action: ActivityEntry.Action, name: str, address: str, details: State
) -> None:
    try:
        record_event(
            action,
            ActivityEntry.Subject.USER,
            name,
            by=Author(None, address),
            details=details,
        )
    except DatabaseError:
        _log.exception("A refused login could not be written to the activity log.")


def _is_client_request(request: Any) -> bool:
    """Return whether a client sent the request; tests log in with an empty one."""
    return request is not None and bool(request.path_info)


def _login_channel(request: Any) -> dict[str, str]:
    return {"through": "API" if is_api_path(request.path_info) else "admin"}


def _count(key: str) -> int:
    digest = hashlib.sha256(key.encode(errors="replace")).hexdigest()[:32]
    usage = call_counter().count(f"activity:{digest}", _UNCOUNTED)
    return usage.limit - usage.remaining


def _is_power_of_ten(number: int) -> bool:
    return str(number).rstrip("0") == "1"
