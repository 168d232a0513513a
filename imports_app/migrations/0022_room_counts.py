"""Outcomes of messages by room."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the table."""

    dependencies = [
        ("imports_app", "0021_plans"),
    ]

    operations = [
        migrations.CreateModel(
            name="RoomCount",
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
                ("room", models.CharField(max_length=255)),
                ("imported", models.PositiveIntegerField(db_default=0, default=0)),
                ("updated", models.PositiveIntegerField(db_default=0, default=0)),
                ("unchanged", models.PositiveIntegerField(db_default=0, default=0)),
                ("skipped", models.PositiveIntegerField(db_default=0, default=0)),
                ("failed", models.PositiveIntegerField(db_default=0, default=0)),
                (
                    "operation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="room_counts",
                        to="imports_app.importoperation",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["operation", "room"], name="room_count_room")
                ],
            },
        ),
    ]
