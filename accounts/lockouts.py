"""The guard against guessing passwords: how django-axes speaks on this server."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.models import FailedLogin, User
from config.api.envelope import failure
from config.api.paths import is_api_path

_LONGEST_NAME: Final = 255
_SECONDS: Final = 60
_KEYS: Final = ("username", "email", "public_id")


def account_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return the name under which failures count: the account's, however it is named.

    Otherwise somebody could guess as often again by the e-mail address, or in capitals.
    """
    given = {key: (credentials or {}).get(key) or "" for key in _KEYS}
    if given["username"]:
        return str(given["username"]).lower()[:_LONGEST_NAME]
    user: User | None = User.objects.identified(**given).first()
    if user is None:
        name = given["email"] or given["public_id"]
    else:
        name = user.username or user.public_id
    return str(name).lower()[:_LONGEST_NAME]


def locked_out(
    request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None
) -> HttpResponse:
    """Answer 429 in the caller's language: JSON for the API, a page for browsers."""
    minutes = settings.LOGIN_LOCKOUT_MINUTES
    text = _(
        "Too many failed logins to this account from your address."
        " Try again in %d minutes, or ask an administrator to unlock it."
    )
    if is_api_path(request.path_info):
        answer = failure(429, f"{text % minutes} [error-too-many-requests]")
    else:
        context = {
            **admin.site.each_context(request),
            "text": text % minutes,
            "title": _("Too many failed logins"),
        }
        page = "admin/accounts/locked_out.html"
        answer = render(request, page, context, status=429)
    answer.headers["Retry-After"] = str(minutes * _SECONDS)
    return answer


def describe_client(_name: str, address: str | None, *_details: Any) -> str:
    """Return what the server's log says of a client: nothing that it typed."""
    return f"a client at {address}"


def unlock(username: str) -> int:
    """Forget the failed logins of an account; return how many addresses they had."""
    deleted: int
    deleted, _rows = FailedLogin.objects.filter(username=username.lower()).delete()
    return deleted
