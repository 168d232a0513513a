"""Tables of permissions without effect and deleted roles; custom fields of users."""

from __future__ import annotations

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add two tables, and a column without a default: no row is rewritten."""

    dependencies = [("accounts", "0024_user_names")]

    operations = [
        migrations.CreateModel(
            name="DeletedRole",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("public_id", models.CharField(max_length=24)),
                ("name", models.CharField(max_length=100)),
                ("description", models.CharField(blank=True, max_length=500)),
                ("scope", models.CharField(max_length=13)),
                ("mandatory_2fa", models.BooleanField()),
                ("updated_at", models.DateTimeField()),
                (
                    "deleted_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now
                    ),
                ),
            ],
            options={
                "verbose_name": "deleted role",
                "verbose_name_plural": "deleted roles",
                "ordering": ("id",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="UnusedPermission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=100, unique=True, verbose_name="name"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "roles",
                    models.ManyToManyField(
                        blank=True,
                        related_name="unused_permissions",
                        to="accounts.role",
                        verbose_name="roles",
                    ),
                ),
            ],
            options={
                "verbose_name": "permission without effect",
                "verbose_name_plural": "permissions without effect",
                "ordering": ("name",),
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="user",
            name="custom_fields",
            field=models.JSONField(
                editable=False, null=True, verbose_name="custom fields"
            ),
        ),
    ]
