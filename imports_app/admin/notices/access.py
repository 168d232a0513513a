"""Permission check of the pages that send import results to other servers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.permission_names import PermissionName
from config.admin.base import GuardedAdmin


class OutgoingAdmin(GuardedAdmin):
    """Pages for users who may also view what is sent."""

    view_permission = PermissionName.MANAGE_OUTGOING_INTEGRATIONS

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may manage webhooks and view imports."""
        may_manage = super().has_view_permission(request, obj)
        return may_manage and request.user.has_perm(
            PermissionName.VIEW_IMPORT_OPERATIONS
        )
