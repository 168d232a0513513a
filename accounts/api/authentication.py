"""Authentication with X-User-Id and X-Auth-Token (wire-api.md 4)."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from accounts.auth.credentials import Credentials, find_credentials
from accounts.models import User
from config.http.client_addresses import client_address


class HeaderTokenAuthentication(BaseAuthentication):
    """Authentication with two headers. Every failure gives the same 401."""

    def authenticate(self, request: Request) -> tuple[User, Credentials]:
        """Return the user and the credentials. Runs one query.

        Raises:
            NotAuthenticated: The headers are missing or not valid.
        """
        user_id = request.META.get("HTTP_X_USER_ID", "")
        token = request.META.get("HTTP_X_AUTH_TOKEN", "")
        if not user_id or not token:
            raise NotAuthenticated
        view = request.parser_context["view"]
        is_needed = view.reads_version_always or "HTTP_IF_NONE_MATCH" in request.META
        version = getattr(view, "version", None) if is_needed else None
        credentials = find_credentials(
            user_id, token, version, address=lambda: client_address(request)
        )
        if credentials is None:
            raise NotAuthenticated
        credentials.record_use()
        return credentials.user, credentials

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge. Without it, DRF turns a 401 into a 403."""
        return "X-Auth-Token"
