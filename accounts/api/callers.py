"""The user and credentials of an authenticated API call."""

from __future__ import annotations

from typing import cast

from rest_framework.request import Request

from accounts.auth.credentials import Credentials
from accounts.models import User
from accounts.permission_names import PermissionName


def caller_of(request: Request) -> User:
    """Return the calling user."""
    return cast("User", request.user)


def credentials_of(request: Request) -> Credentials:
    """Return the credentials of the call."""
    return cast("Credentials", request.auth)


def may_see_private(request: Request) -> bool:
    """Return whether the caller may see private fields of other users."""
    return request.user.has_perm(PermissionName.VIEW_USER_ADMINISTRATION)
