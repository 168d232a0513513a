"""Who sends a signed-in call; authentication has filled in both."""

from __future__ import annotations

from typing import cast

from rest_framework.request import Request

from accounts.auth.credentials import Credentials
from accounts.models import User
from accounts.permission_names import PermissionName


def caller_of(request: Request) -> User:
    """Return the user."""
    return cast("User", request.user)


def credentials_of(request: Request) -> Credentials:
    """Return the token's side of the pair of headers."""
    return cast("Credentials", request.auth)


def may_see_private(request: Request) -> bool:
    """Tell whether the caller may see addresses and import ids of other users."""
    return request.user.has_perm(PermissionName.VIEW_USER_ADMINISTRATION)
