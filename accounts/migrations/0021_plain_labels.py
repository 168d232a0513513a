"""Rename labels, help texts and error messages. The database does not change."""

from __future__ import annotations

import django.db.models.functions.text
from django.db import migrations, models

import config.db.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0020_unlocked_action"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="importid",
            options={
                "default_permissions": (),
                "ordering": ("id",),
                "verbose_name": "import ID",
                "verbose_name_plural": "import IDs",
            },
        ),
        migrations.AlterField(
            model_name="authtoken",
            name="bypass_two_factor",
            field=models.BooleanField(
                default=False, verbose_name="skips two-factor authentication"
            ),
        ),
        migrations.AlterField(
            model_name="authtoken",
            name="networks",
            field=models.TextField(
                blank=True,
                default="",
                help_text="Addresses and networks that may use the token, such as 192.0.2.0/24, separated by commas. Leave empty for no restriction.",
                verbose_name="networks",
            ),
        ),
        migrations.AlterField(
            model_name="importid",
            name="value",
            field=models.CharField(
                db_index=True, max_length=255, verbose_name="ID in the source"
            ),
        ),
        migrations.AlterField(
            model_name="permission",
            name="name",
            field=models.CharField(
                choices=[
                    ("view-import-operations", "View imports and their results."),
                    ("run-import", "Upload files, start, cancel and retry imports."),
                    (
                        "delete-import-operations",
                        "Delete imports together with their timeline.",
                    ),
                    ("view-user-administration", "View all users in the admin."),
                    (
                        "view-room-administration",
                        "Read all rooms and messages in the admin, including private ones.",
                    ),
                    ("create-user", "Create users."),
                    (
                        "edit-other-user-info",
                        "Edit the profile, e-mail addresses and import IDs of other users.",
                    ),
                    ("edit-other-user-password", "Set the password of other users."),
                    (
                        "edit-other-user-active-status",
                        "Activate and deactivate other users.",
                    ),
                    ("delete-user", "Delete users."),
                    (
                        "access-permissions",
                        "Manage roles, permissions and the tokens of all users.",
                    ),
                    ("assign-admin-role", "Grant and revoke the role admin."),
                    (
                        "create-personal-access-tokens",
                        "Create personal access tokens for oneself.",
                    ),
                    ("api-bypass-rate-limit", "Call the API without a rate limit."),
                    ("view-d-room", "List users through the API."),
                    (
                        "view-statistics",
                        "View the exact version of the server through the API.",
                    ),
                ],
                max_length=100,
                unique=True,
                verbose_name="name",
            ),
        ),
        migrations.AlterField(
            model_name="role",
            name="mandatory_2fa",
            field=models.BooleanField(
                default=False, verbose_name="requires two-factor authentication"
            ),
        ),
        migrations.AlterField(
            model_name="role",
            name="scope",
            field=models.CharField(
                choices=[("Users", "whole server"), ("Subscriptions", "single room")],
                default="Users",
                max_length=13,
                verbose_name="scope",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="public_id",
            field=models.CharField(
                default=config.db.ids.new_public_id,
                max_length=17,
                unique=True,
                verbose_name="user ID",
            ),
        ),
        migrations.AlterConstraint(
            model_name="authtoken",
            name="personal_token_name_unique",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "personal")),
                fields=("user", "name"),
                name="personal_token_name_unique",
                violation_error_message="The user already has a token with this name.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="emailaddress",
            name="email_address_unique",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("address"),
                name="email_address_unique",
                violation_error_message="This address belongs to another user.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="role",
            name="role_name_unique",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"),
                name="role_name_unique",
                violation_error_message="A role with this name already exists.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="user",
            name="user_username_unique",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("username"),
                name="user_username_unique",
                violation_error_message="A user with this name already exists.",
            ),
        ),
    ]
