"""Create the built-in roles and permissions with their defaults."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# Source: wire-api.md 5. Upstream's livechat roles are omitted.
ACCOUNT_ROLES = {
    "admin": "Administrators of the server",
    "user": "Users with an account",
    "bot": "Bots: programs with a user account",
    "app": "Apps that call the API",
    "guest": "Guests with limited access",
    "anonymous": "Visitors who are not logged in",
}
ROOM_ROLES = {
    "owner": "Owners of a room",
    "moderator": "Moderators of a room",
    "leader": "Leaders of a room",
}
DEFAULT_HOLDERS = {
    "view-import-operations": ("admin",),
    "run-import": ("admin",),
    "delete-import-operations": ("admin",),
    "view-user-administration": ("admin",),
    "create-user": ("admin",),
    "edit-other-user-info": ("admin",),
    "edit-other-user-password": ("admin",),
    "edit-other-user-active-status": ("admin",),
    "delete-user": ("admin",),
    "access-permissions": ("admin",),
    "assign-admin-role": ("admin",),
    "create-personal-access-tokens": ("admin", "user"),
    "api-bypass-rate-limit": ("admin", "bot", "app"),
    "view-d-room": ("admin", "bot", "app", "user"),
    "view-statistics": ("admin",),
}


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role_model = apps.get_model("accounts", "Role")
    permission_model = apps.get_model("accounts", "Permission")
    roles = {
        name: role_model.objects.create(
            public_id=name,
            name=name,
            description=description,
            scope=scope,
            protected=True,
        )
        for scope, described in (
            ("Users", ACCOUNT_ROLES),
            ("Subscriptions", ROOM_ROLES),
        )
        for name, description in described.items()
    }
    for name, holders in DEFAULT_HOLDERS.items():
        permission = permission_model.objects.create(name=name)
        permission.roles.set([roles[holder] for holder in holders])


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("accounts", "Permission").objects.all().delete()
    apps.get_model("accounts", "Role").objects.filter(protected=True).delete()


class Migration(migrations.Migration):
    dependencies = (("accounts", "0001_initial"),)

    operations = (migrations.RunPython(create, remove),)
