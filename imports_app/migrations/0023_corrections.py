"""Corrections of failed records."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import config.db.clock


class Migration(migrations.Migration):
    """Add the table, and the events of the timeline."""

    dependencies = [
        ("imports_app", "0022_room_counts"),
    ]

    operations = [
        migrations.AddField(
            model_name="operationevent",
            name="corrected",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=300
            ),
        ),
        migrations.CreateModel(
            name="Correction",
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
                ("record_id", models.BigIntegerField(unique=True)),
                ("cells", models.JSONField(verbose_name="corrected row")),
                ("data", models.JSONField()),
                ("made_by", models.CharField(blank=True, max_length=17)),
                (
                    "made_at",
                    models.DateTimeField(default=config.db.clock.now_in_milliseconds),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="corrections",
                        to="imports_app.importoperation",
                    ),
                ),
            ],
            options={
                "verbose_name": "correction",
                "verbose_name_plural": "corrections",
                "ordering": ("id",),
                "default_permissions": (),
            },
        ),
    ]
