"""Trial runs, which import the first messages of each room."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the size of a trial run, and the messages of each part that belong to it."""

    dependencies = [
        ("imports_app", "0023_corrections"),
    ]

    operations = [
        migrations.AddField(
            model_name="importoperation",
            name="trial_messages",
            field=models.PositiveSmallIntegerField(
                blank=True, editable=False, null=True, verbose_name="trial run"
            ),
        ),
        migrations.AddField(
            model_name="importpart",
            name="trial",
            field=models.JSONField(null=True),
        ),
        migrations.AddConstraint(
            model_name="importoperation",
            constraint=models.CheckConstraint(
                condition=models.Q(("trial_messages__isnull", True))
                | models.Q(("trial_messages__range", (1, 1000))),
                name="operation_trial_messages",
            ),
        ),
    ]
