"""Reading rooms through the API: readers, positions of messages, files by name."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the columns, the table and an index of files.

    Members of earlier imports are not readers: nobody checked whether the initiator of
    the import was allowed to make them readers.
    """

    dependencies = [
        ("imports_app", "0027_corrections_before_the_run"),
    ]

    operations = [
        migrations.AddField(
            model_name="roommember",
            name="is_reader",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="room",
            name="has_positions",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="room",
            name="shown_count",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.CreateModel(
            name="MessagePosition",
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
                ("number", models.PositiveIntegerField()),
                ("shown", models.PositiveIntegerField()),
                ("sent_at", models.DateTimeField()),
                (
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="imports_app.message",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="imports_app.room",
                    ),
                ),
            ],
            options={
                "ordering": ("number",),
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["room", "shown"], name="message_shown")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("room", "number"), name="message_position_unique"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="messagefile",
            index=models.Index(fields=["room", "name", "id"], name="message_file_name"),
        ),
    ]
