"""Django's middleware for pages, left out for the API.

API calls carry no session, no cookie and no form, so they need none of these.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.api.paths import is_api_path


class _PagesOnly:
    """Passes API calls on untouched."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_api_path(request.path_info):
            return self.get_response(request)  # type: ignore[no-any-return]
        return super().__call__(request)  # type: ignore[misc,no-any-return]


class PagesSessionMiddleware(_PagesOnly, SessionMiddleware):
    """Sessions, for pages."""


class PagesAuthenticationMiddleware(_PagesOnly, AuthenticationMiddleware):
    """`request.user` from the session, for pages."""


class PagesMessageMiddleware(_PagesOnly, MessageMiddleware):
    """Messages to the user, for pages."""
