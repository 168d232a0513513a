"""Make the signature of activity log entries mandatory."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_seal_activity_log"),
    ]

    operations = [
        migrations.AlterField(
            model_name="activityentry",
            name="signature",
            field=models.CharField(max_length=80, unique=True),
        ),
    ]
