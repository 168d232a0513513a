"""Django's middleware, left out where it is of no use or in the way.

API calls carry no session, no cookie and no form; probes come to an address.
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
    """Refuses hosts that ALLOWED_HOSTS does not name.

    Load balancers and container engines probe an address, not a name, and their
    answers hold nothing that depends on one. An API call's host is checked, but no
    other address is looked for: nothing is redirected there.
    """

    def process_request(
        self, request: HttpRequest
    ) -> HttpResponsePermanentRedirect | None:
        """Check the host, except a probe's."""
        if request.path_info in _PROBES:
            return None
        if is_api_path(request.path_info):
            request.get_host()
            return None
        return super().process_request(request)


class _PagesOnly:
    """Passes API calls on untouched."""

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
