"""Calls with the header Idempotency-Key, and their responses."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import config.db.clock


class Migration(migrations.Migration):
    """Add the table."""

    dependencies = [
        ("accounts", "0026_rocket_chat_permissions"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdempotentCall",
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
                ("key", models.CharField(max_length=255)),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "created_at",
                    models.DateTimeField(default=config.db.clock.now_in_milliseconds),
                ),
                ("claim", models.PositiveIntegerField(default=1)),
                (
                    "claimed_at",
                    models.DateTimeField(default=config.db.clock.now_in_milliseconds),
                ),
                ("claimed_by", models.CharField(max_length=200)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("headers", models.JSONField(default=dict)),
                ("body", models.BinaryField(default=b"")),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["created_at"], name="idempotent_call_created")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "key"), name="idempotent_call_unique"
                    )
                ],
            },
        ),
    ]
