"""Counts of records that a run did not reach, and operations that import the rest."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

_FAILED = "importer_import_failed"
_DONE = "importer_done"


def split_skipped(apps: Any, schema_editor: Any) -> None:
    """Count skipped records of operations that ended early as not processed.

    Earlier releases did not tell them apart. Records that the importer omits by design
    stay skipped.
    """
    counts = apps.get_model("imports_app", "KindCount").objects
    ended_early = Q(operation__status=_FAILED) | (
        Q(operation__is_valid=False) & ~Q(operation__status=_DONE)
    )
    counts.filter(ended_early).update(
        unprocessed=F("skipped") - F("omitted"), skipped=F("omitted")
    )


class Migration(migrations.Migration):
    """Add the count and the reference."""

    dependencies = [
        ("imports_app", "0018_partial_uploads"),
    ]

    operations = [
        migrations.AddField(
            model_name="importoperation",
            name="rest_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="continuations",
                to="imports_app.importoperation",
                verbose_name="rest of",
            ),
        ),
        migrations.AddField(
            model_name="kindcount",
            name="unprocessed",
            field=models.PositiveIntegerField(
                db_default=0, default=0, verbose_name="not processed"
            ),
        ),
        migrations.RunPython(split_skipped, migrations.RunPython.noop),
    ]
