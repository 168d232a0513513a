"""Permission checks: views declare a permission and one class enforces it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import BasePermission

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


ACCEPTED_PERMISSIONS: Final = "X-Accepted-Permissions"
"""Header of all responses 401 and 403."""


class Access(Enum):
    """Access of endpoints that require no permission."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"


def demand(request: Request, permission: str, otherwise: Exception) -> None:
    """Raise the error unless the caller holds the permission.

    For endpoints that check permissions after reading the body (wire-api.md 6.4).
    """
    if not request.user.has_perm(permission):
        raise otherwise


def accepted_permissions(view: object) -> str:
    """Return the value of the header X-Accepted-Permissions for a view.

    Returns:
        The permissions that together allow the call, separated by commas; an empty
        text if no permission is required.
    """
    late: tuple[str, ...] = getattr(view, "late_permissions", ())
    required: str | Access | None = getattr(view, "required_permission", None)
    first = () if required is None or isinstance(required, Access) else (required,)
    return ", ".join(dict.fromkeys((*first, *late)))


class DeclaredPermission(BasePermission):
    """Require the view's `required_permission`; deny access if there is none."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return whether the caller has access.

        Raises:
            ImproperlyConfigured: The view declares no permission.
        """
        required: str | Access | None = getattr(view, "required_permission", None)
        if required is None:
            msg = f"{type(view).__name__} declares no permission"
            raise ImproperlyConfigured(msg)
        if isinstance(required, Access):
            return True
        return bool(request.user.has_perm(required))
