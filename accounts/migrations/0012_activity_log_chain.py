"""Add the columns of the hash chain and the table of the head record."""

from django.db import migrations, models

import config.db.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_activity_log_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="activityentry",
            name="signature",
            field=models.CharField(max_length=80, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="activityentry",
            name="sequence",
            field=models.BigIntegerField(null=True, unique=True, verbose_name="number"),
        ),
        migrations.AddField(
            model_name="activityentry",
            name="digest",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="ActivityLogHead",
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
                    "log_id",
                    models.CharField(
                        default=config.db.ids.new_public_id, max_length=17, unique=True
                    ),
                ),
                ("sequence", models.BigIntegerField(default=0)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("anchor_sequence", models.BigIntegerField(default=0)),
                ("anchor_digest", models.CharField(blank=True, max_length=64)),
                ("signature", models.CharField(max_length=64)),
            ],
            options={
                "default_permissions": (),
            },
        ),
    ]
