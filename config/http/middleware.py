"""Variants of Django's middleware that skip API calls and health checks.

API calls use no sessions, cookies or forms. Health checks use an IP address as host.
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware

from config.api.paths import is_api_path

_PROBES: Final = ("/healthz", "/readyz")


class HostCheckMiddleware(CommonMiddleware):
    """Rejects hosts that are not in ALLOWED_HOSTS.

    Health checks are exempt, because load balancers and container engines call an IP
    address. For API calls the host is checked, but URLs are never redirected.
    """

    def process_request(
        self, request: HttpRequest
    ) -> HttpResponsePermanentRedirect | None:
        """Check the host, except for health checks."""
        if request.path_info in _PROBES:
            return None
        if is_api_path(request.path_info):
            request.get_host()
            return None
        return super().process_request(request)


class _PagesOnly:
    """Mixin that skips the middleware for API calls."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_api_path(request.path_info):
            return self.get_response(request)  # type: ignore[no-any-return] # set by Django
        return super().__call__(request)  # type: ignore[misc,no-any-return] # the class beside


class PagesSessionMiddleware(_PagesOnly, SessionMiddleware):
    """Sessions, for pages."""


class PagesAuthenticationMiddleware(_PagesOnly, AuthenticationMiddleware):
    """`request.user` from the session, for pages."""


class PagesMessageMiddleware(_PagesOnly, MessageMiddleware):
    """Messages to the user, for pages."""
