"""Every permission, once: its wire name and what it lets a person do.

The names are Rocket.Chat's (wire-api.md 5), except where one says it is ours.
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class PermissionName(models.TextChoices):
    """The vocabulary that the API, the admin and the commands share."""

    VIEW_IMPORT_OPERATIONS = (
        "view-import-operations",
        _("See the import operations and what came of them."),
    )
    RUN_IMPORT = (
        "run-import",
        _("Upload files, start, cancel and retry imports."),
    )
    DELETE_IMPORT_OPERATIONS = (  # ours: upstream never deletes one
        "delete-import-operations",
        _("Delete import operations together with their timeline."),
    )
    VIEW_USER_ADMINISTRATION = (
        "view-user-administration",
        _("See all users in the admin."),
    )
    VIEW_ROOM_ADMINISTRATION = (
        "view-room-administration",
        _("Read all rooms and messages in the admin, private ones included."),
    )
    CREATE_USER = ("create-user", _("Create users."))
    EDIT_OTHER_USER_INFO = (
        "edit-other-user-info",
        _("Change the profile, e-mail addresses and import ids of other users."),
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
        _("Manage roles, their permissions, and everybody's tokens."),
    )
    ASSIGN_ADMIN_ROLE = (
        "assign-admin-role",
        _("Give the role admin to somebody, or take it away."),
    )
    CREATE_PERSONAL_ACCESS_TOKENS = (
        "create-personal-access-tokens",
        _("Make personal access tokens of one's own."),
    )
    API_BYPASS_RATE_LIMIT = (
        "api-bypass-rate-limit",
        _("Call the API as often as one likes."),
    )
    VIEW_D_ROOM = ("view-d-room", _("List users through the API."))
    VIEW_STATISTICS = (
        "view-statistics",
        _("See the exact version of the server through the API."),
    )


# A user who holds one of these, or an extra role, is a privileged user,
# whom imports neither change nor attach to without a person's confirmation.
PRIVILEGED_PERMISSIONS: Final = frozenset(PermissionName) - {
    PermissionName.CREATE_PERSONAL_ACCESS_TOKENS,
    PermissionName.API_BYPASS_RATE_LIMIT,
    PermissionName.VIEW_D_ROOM,
    PermissionName.VIEW_STATISTICS,
}
ORDINARY_ROLES: Final = frozenset({"user", "guest", "bot", "anonymous"})
"""Public ids of the roles that ordinary users hold."""

# Who holds one of these may enter the admin and sees what it shows.
ADMIN_PERMISSIONS: Final = frozenset(
    {
        PermissionName.VIEW_IMPORT_OPERATIONS,
        PermissionName.RUN_IMPORT,
        PermissionName.DELETE_IMPORT_OPERATIONS,
        PermissionName.VIEW_USER_ADMINISTRATION,
        PermissionName.VIEW_ROOM_ADMINISTRATION,
        PermissionName.ACCESS_PERMISSIONS,
    }
)
