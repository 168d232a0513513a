"""Files that messages link to, and their download before the run."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import config.db.clock


class Migration(migrations.Migration):
    """Add both tables."""

    dependencies = [
        ("imports_app", "0026_trial_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name="FileDownload",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "in progress"),
                            ("finished", "finished"),
                            ("stopped", "stopped"),
                            ("failed", "failed"),
                            ("deleted", "deleted"),
                        ],
                        default="running",
                        max_length=8,
                    ),
                ),
                (
                    "started_at",
                    models.DateTimeField(default=config.db.clock.now_in_milliseconds),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                ("lease_owner", models.CharField(blank=True, max_length=200)),
                ("lease_expires_at", models.DateTimeField(null=True)),
                (
                    "heartbeat_at",
                    models.DateTimeField(default=config.db.clock.now_in_milliseconds),
                ),
                ("next_part", models.PositiveIntegerField(default=0)),
                ("is_listed", models.BooleanField(default=False)),
                ("found", models.PositiveIntegerField(default=0)),
                ("stored", models.PositiveIntegerField(default=0)),
                ("gone", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=300)),
                (
                    "operation",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="file_download",
                        to="imports_app.importoperation",
                    ),
                ),
            ],
            options={
                "verbose_name": "file download",
                "verbose_name_plural": "file downloads",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LinkedFile",
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
                ("key", models.CharField(max_length=64)),
                (
                    "source_id",
                    models.CharField(max_length=255, verbose_name="ID in the source"),
                ),
                (
                    "name",
                    models.CharField(blank=True, max_length=255, verbose_name="name"),
                ),
                (
                    "content_type",
                    models.CharField(
                        blank=True, max_length=255, verbose_name="content type"
                    ),
                ),
                (
                    "size",
                    models.BigIntegerField(null=True, verbose_name="size in bytes"),
                ),
                ("url", models.TextField()),
                ("room", models.CharField(max_length=255, verbose_name="room")),
                ("message", models.CharField(max_length=255, verbose_name="message")),
                ("source_file", models.CharField(blank=True, max_length=500)),
                ("source_line", models.PositiveIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "not downloaded yet"),
                            ("stored", "downloaded"),
                            ("gone", "no longer available"),
                            ("failed", "failed"),
                        ],
                        db_default="waiting",
                        max_length=7,
                    ),
                ),
                ("code", models.CharField(blank=True, db_default="", max_length=100)),
                ("reason", models.CharField(blank=True, db_default="", max_length=300)),
                (
                    "stored_name",
                    models.CharField(blank=True, db_default="", max_length=255),
                ),
                ("digest", models.CharField(blank=True, db_default="", max_length=64)),
                (
                    "download",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="imports_app.filedownload",
                    ),
                ),
            ],
            options={
                "verbose_name": "linked file",
                "verbose_name_plural": "linked files",
                "ordering": ("id",),
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        fields=["download", "state", "id"], name="linked_file_state"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("download", "key"), name="linked_file_unique"
                    )
                ],
            },
        ),
    ]
