"""Corrections before the run."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add what was read, the place of messages, and failing messages of plans."""

    dependencies = [
        ("imports_app", "0025_source_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="correction",
            name="item",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="correction",
            name="original",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="correction",
            name="part",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="correction",
            name="revision",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="importplan",
            name="failing",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="operationevent",
            name="is_correction_removed",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.UniqueConstraint(
                fields=("operation", "part", "item"), name="correction_message_unique"
            ),
        ),
    ]
