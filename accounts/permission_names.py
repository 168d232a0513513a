"""All permissions with their API names and descriptions.

The names are Rocket.Chat's (wire-api.md 5), unless marked as our own.
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class PermissionName(models.TextChoices):
    """The permissions that the API, the admin and the commands share."""

    VIEW_IMPORT_OPERATIONS = (
        "view-import-operations",
        _("View imports and their results."),
    )
    RUN_IMPORT = (
        "run-import",
        _("Upload files, start, cancel and retry imports."),
    )
    DELETE_IMPORT_OPERATIONS = (  # our own: Rocket.Chat never deletes an import
        "delete-import-operations",
        _("Delete imports together with their timeline."),
    )
    MANAGE_OUTGOING_INTEGRATIONS = (
        "manage-outgoing-integrations",
        _("Manage webhooks, which send the results of all imports to other servers."),
    )
    MANAGE_CONNECTED_SERVERS = (  # our own
        "manage-connected-servers",
        _("Manage connected servers and what is delivered to them."),
    )
    VIEW_USER_ADMINISTRATION = (
        "view-user-administration",
        _("View all users in the admin."),
    )
    VIEW_ROOM_ADMINISTRATION = (
        "view-room-administration",
        _("Read all rooms and messages in the admin, including private ones."),
    )
    CREATE_USER = ("create-user", _("Create users."))
    EDIT_OTHER_USER_INFO = (
        "edit-other-user-info",
        _("Edit the profile, e-mail addresses and import IDs of other users."),
    )
    EDIT_OTHER_USER_PASSWORD = (
        "edit-other-user-password",
        _("Set the password of other users."),
    )
    EDIT_OTHER_USER_ACTIVE_STATUS = (
        "edit-other-user-active-status",
        _("Activate and deactivate other users."),
    )
    DELETE_USER = ("delete-user", _("Delete users."))
    ACCESS_PERMISSIONS = (
        "access-permissions",
        _("Manage roles, permissions and the tokens of all users."),
    )
    ASSIGN_ADMIN_ROLE = (
        "assign-admin-role",
        _("Grant and revoke the role admin."),
    )
    CREATE_PERSONAL_ACCESS_TOKENS = (
        "create-personal-access-tokens",
        _("Create personal access tokens for your own account."),
    )
    API_BYPASS_RATE_LIMIT = (
        "api-bypass-rate-limit",
        _("Call the API without a rate limit."),
    )
    VIEW_D_ROOM = ("view-d-room", _("List users through the API."))
    VIEW_STATISTICS = (
        "view-statistics",
        _("View the exact version of the server through the API."),
    )


# A user who holds one of these permissions or an extra role is privileged. Imports
# never change privileged users and match them only after confirmation.
PRIVILEGED_PERMISSIONS: Final = frozenset(PermissionName) - {
    PermissionName.CREATE_PERSONAL_ACCESS_TOKENS,
    PermissionName.API_BYPASS_RATE_LIMIT,
    PermissionName.VIEW_D_ROOM,
    PermissionName.VIEW_STATISTICS,
}
ORDINARY_ROLES: Final = frozenset({"user", "guest", "bot", "anonymous"})
"""Public IDs of the roles without privileges."""

# Each of these permissions gives access to the admin.
ADMIN_PERMISSIONS: Final = frozenset(
    {
        PermissionName.VIEW_IMPORT_OPERATIONS,
        PermissionName.RUN_IMPORT,
        PermissionName.DELETE_IMPORT_OPERATIONS,
        PermissionName.MANAGE_CONNECTED_SERVERS,
        PermissionName.VIEW_USER_ADMINISTRATION,
        PermissionName.VIEW_ROOM_ADMINISTRATION,
        PermissionName.ACCESS_PERMISSIONS,
    }
)
