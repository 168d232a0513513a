"""End and running time of operations, which earlier releases did not record."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import F, Q

import config.db.clock

_FINISHED = (
    "importer_done",
    "importer_import_failed",
    "importer_import_cancelled",
)


def adopt_operations(apps: Any, schema_editor: Any) -> None:
    """Take the last write as the end; the running time stays unknown."""
    operations = apps.get_model("imports_app", "ImportOperation").objects
    operations.update(running_ms=None, status_since=None, revision=F("revision") + 1)
    operations.filter(Q(is_valid=False) | Q(status__in=_FINISHED)).update(
        finished_at=F("updated_at")
    )


class Migration(migrations.Migration):
    """Add the three columns."""

    dependencies = [("imports_app", "0012_search_beside_imports")]

    operations = [
        migrations.AddField(
            model_name="importoperation",
            name="finished_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="finished"),
        ),
        migrations.AddField(
            model_name="importoperation",
            name="running_ms",
            field=models.PositiveBigIntegerField(default=0, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="importoperation",
            name="status_since",
            field=models.DateTimeField(
                default=config.db.clock.now_in_milliseconds, editable=False, null=True
            ),
        ),
        migrations.RunPython(adopt_operations, migrations.RunPython.noop),
    ]
