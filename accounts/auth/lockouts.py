"""Integration of django-axes: account names, lockout responses and unlocking."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import user_logged_in, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.auth.login_limits import (
    account_key,
    forget_failures,
    normalized_name,
    record_success,
)
from accounts.errors import NoFreeHashSlotError, TooManyAttemptsError
from accounts.models import FailedLogin, User
from config.api.envelope import failure
from config.api.paths import is_api_path

UNKNOWN_ACCOUNT: Final = "unknown account"
"""Text in the activity log instead of a name that no account has."""
_LONGEST_NAME: Final = 255
_SECONDS: Final = 60
_MOST_ROWS: Final = 10_000
_NAMES: Final = "_account_names"
_REFUSAL: Final = "_login_refusal"
_KEYS: Final = ("username", "email", "public_id")


def account_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return the account's name, under which failed logins are counted.

    It is the same for username, e-mail address and any case, so that attackers can't
    get additional attempts by varying the login name.
    """
    given = tuple(str((credentials or {}).get(key) or "") for key in _KEYS)
    names: dict[tuple[str, ...], str] = request.__dict__.setdefault(_NAMES, {})
    if given not in names:  # called several times during one login
        user = find_account(**dict(zip(_KEYS, given, strict=True)))
        if user is None:
            names[given] = normalized_name(next(filter(None, given), ""))
        else:
            names[given] = _stored_name(str(user))
    return names[given]


def find_account(
    *,
    username: str | None = None,
    email: str | None = None,
    public_id: str | None = None,
) -> User | None:
    """Return the user with this identity, or `None`. Oversized values match no user."""
    given = {"username": username, "email": email, "public_id": public_id}
    if any(
        len(text) > _LONGEST_NAME or "\0" in text for text in given.values() if text
    ):
        return None
    user: User | None = User.objects.identified(**given).first()
    return user


def refuse(request: HttpRequest, error: TooManyAttemptsError) -> None:
    """Make the middleware of django-axes return 429 instead of the view's response."""
    setattr(request, "axes_locked_out", True)  # noqa: B010 - an attribute of axes'
    setattr(request, _REFUSAL, error)


def is_refused(request: HttpRequest) -> bool:
    """Return whether a limit rejected the login before the password was checked."""
    return hasattr(request, _REFUSAL)


def is_busy(request: HttpRequest) -> bool:
    """Return whether the password was not checked because the server is busy."""
    return isinstance(getattr(request, _REFUSAL, None), NoFreeHashSlotError)


def busy_text() -> str:
    """Return the text for users if no password can be checked at the moment."""
    return _(
        "The server is busy checking other passwords. Yours was not checked, and does"
        " not count as a failed login. Try again in a few seconds."
    )


@receiver(user_logged_in)
def end_delay(sender: Any, request: Any, user: User, **details: Any) -> None:
    """Reset the failures of an account after a complete login."""
    if request is not None:
        record_success(request, user)


@receiver(user_login_failed)
def cap_failed_logins(sender: Any, **details: Any) -> None:
    """Limit the table of failed logins to the newest rows."""
    if FailedLogin.objects.count() <= _MOST_ROWS:
        return
    newest = FailedLogin.objects.order_by("-pk").values_list("pk", flat=True)
    limit = newest[_MOST_ROWS - _MOST_ROWS // 10]
    FailedLogin.objects.filter(pk__lte=limit).delete()


def locked_out(
    request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None
) -> HttpResponse:
    """Return 429, as JSON for the API and as a page for browsers.

    If the server is busy, browsers get the form again with an error.
    """
    refusal: TooManyAttemptsError | None = getattr(request, _REFUSAL, None)
    is_form = response.status_code == HTTPStatus.OK
    if refusal is None:
        minutes = settings.LOGIN_LOCKOUT_MINUTES
        wait = minutes * _SECONDS
        text = (
            ngettext(
                "Too many failed logins to this account from your address."
                " Try again in %d minute, or ask an administrator to unlock it.",
                "Too many failed logins to this account from your address."
                " Try again in %d minutes, or ask an administrator to unlock it.",
                minutes,
            )
            % minutes
        )
    elif is_busy(request):
        wait, text = refusal.wait_seconds, busy_text()
    else:
        wait = refusal.wait_seconds
        text = (
            ngettext(
                "Too many failed logins. Try again in %d second.",
                "Too many failed logins. Try again in %d seconds.",
                wait,
            )
            % wait
        )
    if is_api_path(request.path_info):
        answer = failure(429, f"{text} [error-too-many-requests]")
    elif is_busy(request) and is_form:
        response.status_code = HTTPStatus.TOO_MANY_REQUESTS
        answer = response
    else:
        context = {
            **admin.site.each_context(request),
            "text": text,
            "title": _("Too many failed logins"),
        }
        page = "admin/accounts/locked_out.html"
        answer = render(request, page, context, status=429)
    answer.headers["Retry-After"] = str(wait)
    return answer


def describe_client(_name: str, address: str | None, *_details: Any) -> str:
    """Return the client's description for the server log, without any user input."""
    return f"a client at {address}"


def forget_failed_logins(username: str) -> int:
    """Delete an account's failed logins and reset its delay for all addresses.

    Returns:
        The number of addresses with failures; 1 if there was only a delay.
    """
    user = find_account(username=username)
    name = normalized_name(username) if user is None else _stored_name(str(user))
    deleted: int
    deleted, _rows = FailedLogin.objects.filter(username=name).delete()
    was_delayed = forget_failures(account_key(user, username))
    return deleted or int(was_delayed)


def _stored_name(name: str) -> str:
    return name.lower()[:_LONGEST_NAME]
