"""Grant manage-connected-servers to the role admin."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NAME = "manage-connected-servers"


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    permission = apps.get_model("accounts", "Permission").objects.create(name=NAME)
    admin = apps.get_model("accounts", "Role").objects.filter(public_id="admin")
    permission.roles.set(admin)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("accounts", "Permission").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0028_connected_servers")]
    operations = [migrations.RunPython(create, remove)]
