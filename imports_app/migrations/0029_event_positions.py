"""Positions of timeline events, for clients that read them as a stream."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models


def adopt_events(apps: Any, schema_editor: Any) -> None:
    """Create the row; existing events keep their keys as positions, without a write."""
    using = schema_editor.connection.alias
    events = apps.get_model("imports_app", "OperationEvent").objects.using(using)
    newest = events.order_by("-pk").values_list("pk", flat=True).first() or 0
    order = apps.get_model("imports_app", "EventOrder").objects.using(using)
    order.create(first_pk=newest, last=newest)


class Migration(migrations.Migration):
    """Add the column, its indexes and the table."""

    dependencies = [
        ("imports_app", "0028_reading_rooms"),
    ]

    operations = [
        migrations.CreateModel(
            name="EventOrder",
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
                ("first_pk", models.PositiveBigIntegerField(default=0)),
                ("last", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.RunPython(adopt_events, migrations.RunPython.noop),
        migrations.AddField(
            model_name="operationevent",
            name="position",
            field=models.PositiveBigIntegerField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="operationevent",
            index=models.Index(
                condition=models.Q(("position__isnull", True)),
                fields=["id"],
                name="event_without_position",
            ),
        ),
        migrations.AddConstraint(
            model_name="operationevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("position__isnull", False)),
                fields=("position",),
                name="event_position",
            ),
        ),
    ]
