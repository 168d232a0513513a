"""Counts of unchanged records."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the counts, and make room for the name of the outcome."""

    dependencies = [("imports_app", "0013_running_time")]

    operations = [
        migrations.AddField(
            model_name="importpart",
            name="unchanged",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="kindcount",
            name="unchanged",
            field=models.PositiveIntegerField(
                db_default=0, default=0, verbose_name="unchanged"
            ),
        ),
        migrations.AlterField(
            model_name="importrecord",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("staged", "waiting"),
                    ("imported", "imported"),
                    ("updated", "updated"),
                    ("unchanged", "unchanged"),
                    ("skipped", "skipped"),
                    ("failed", "failed"),
                ],
                default="staged",
                max_length=20,
                verbose_name="outcome",
            ),
        ),
    ]
