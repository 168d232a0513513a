"""Decisions of people about users and rooms of an import."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import config.db.clock


class Migration(migrations.Migration):
    """Add the table of decisions, and what offers them to the next import."""

    dependencies = [
        ("imports_app", "0014_unchanged_records"),
    ]

    operations = [
        migrations.AddField(
            model_name="importoperation",
            name="is_offer_answered",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name="importoperation",
            name="workspace_id",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=255
            ),
        ),
        migrations.CreateModel(
            name="Decision",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("user", "user"),
                            ("contact", "contact"),
                            ("channel", "room"),
                            ("message", "message"),
                            ("file", "file"),
                            ("avatar", "avatar"),
                        ],
                        max_length=7,
                        verbose_name="kind",
                    ),
                ),
                (
                    "import_id",
                    models.CharField(max_length=255, verbose_name="ID in the source"),
                ),
                ("import_ids", models.JSONField(default=list)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("match", "match with an existing one"),
                            ("create", "create a new user"),
                            ("merge", "merge with another user of the source"),
                            ("change", "change before importing"),
                            ("skip", "skip"),
                        ],
                        max_length=6,
                        verbose_name="action",
                    ),
                ),
                ("value", models.JSONField(blank=True, default=dict)),
                ("target", models.CharField(blank=True, max_length=255)),
                ("target_name", models.CharField(blank=True, max_length=255)),
                ("made_by", models.CharField(blank=True, max_length=17)),
                (
                    "made_at",
                    models.DateTimeField(default=config.db.clock.now_in_milliseconds),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decisions",
                        to="imports_app.importoperation",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision",
                "verbose_name_plural": "decisions",
                "ordering": ("id",),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("operation", "kind", "import_id"),
                        name="decision_unique",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("action__in", ("match", "create", "merge", "skip")),
                                ("kind", "user"),
                            ),
                            models.Q(
                                ("action__in", ("match", "change", "skip")),
                                ("kind", "channel"),
                            ),
                            _connector="OR",
                        ),
                        name="decision_action_of_kind",
                    ),
                ],
            },
        ),
    ]
