"""Drop the foreign key to the author, which deletions would alter; add indexes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_activity_log_authors"),
    ]

    operations = [
        migrations.RemoveField(model_name="activityentry", name="author"),
        migrations.AddIndex(
            model_name="activityentry",
            index=models.Index(fields=["author_name", "id"], name="activity_author"),
        ),
        migrations.AddIndex(
            model_name="activityentry",
            index=models.Index(fields=["address", "id"], name="activity_address"),
        ),
        migrations.AddIndex(
            model_name="activityentry",
            index=models.Index(fields=["action", "id"], name="activity_action"),
        ),
        migrations.AddIndex(
            model_name="activityentry",
            index=models.Index(fields=["subject", "id"], name="activity_subject"),
        ),
    ]
