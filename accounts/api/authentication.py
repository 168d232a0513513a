"""The two headers that every signed-in call carries (wire-api.md 4)."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from accounts.auth.credentials import Credentials, find_credentials
from accounts.models import User
from config.http.client_addresses import client_address


class HeaderTokenAuthentication(BaseAuthentication):
    """X-User-Id and X-Auth-Token; whatever is wrong with them, the answer is 401."""

    def authenticate(self, request: Request) -> tuple[User, Credentials]:
        """Return the user and the credentials. One query.

        Raises:
            NotAuthenticated: For every cause alike.
        """
        user_id = request.META.get("HTTP_X_USER_ID", "")
        token = request.META.get("HTTP_X_AUTH_TOKEN", "")
        if not user_id or not token:
            raise NotAuthenticated
        view = request.parser_context["view"]
        has_use = view.reads_version_always or "HTTP_IF_NONE_MATCH" in request.META
        version = getattr(view, "version", None) if has_use else None
        credentials = find_credentials(
            user_id, token, version, address=lambda: client_address(request)
        )
        if credentials is None:
            raise NotAuthenticated
        credentials.record_use()
        return credentials.user, credentials

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge; DRF turns a 401 without one into a 403."""
        return "X-Auth-Token"
