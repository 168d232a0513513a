"""Rename the change log to activity log and add the action."""

from django.db import migrations, models

ACTIONS = [
    ("created", "created"),
    ("changed", "changed"),
    ("deleted", "deleted"),
    ("logged_in", "logged in"),
    ("login_failed", "login failed"),
    ("locked_out", "locked out"),
    ("logged_out", "logged out"),
    ("password_changed", "password changed"),
    ("viewed", "viewed"),
    ("searched", "searched"),
    ("downloaded", "downloaded"),
    ("exported", "exported"),
    ("started", "started"),
    ("cancelled", "cancelled"),
    ("pruned", "pruned"),
]
SUBJECTS = [
    ("user", "user"),
    ("role", "role"),
    ("permission", "permission"),
    ("token", "token"),
    ("session", "session"),
    ("room", "room"),
    ("message", "message"),
    ("file", "file"),
    ("import", "import"),
    ("activity_log", "activity log"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_avatars"),
    ]

    operations = [
        migrations.RenameModel("Change", "ActivityEntry"),
        migrations.AlterModelOptions(
            name="activityentry",
            options={
                "default_permissions": (),
                "ordering": ("-id",),
                "verbose_name": "activity log entry",
                "verbose_name_plural": "activity log entries",
            },
        ),
        migrations.AddField(
            model_name="activityentry",
            name="action",
            field=models.CharField(
                choices=ACTIONS, default="changed", max_length=20, verbose_name="action"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="activityentry",
            name="author_public_id",
            field=models.CharField(
                blank=True, default="", max_length=17, verbose_name="user ID"
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="activityentry",
            name="subject",
            field=models.CharField(
                choices=SUBJECTS, max_length=20, verbose_name="kind"
            ),
        ),
    ]
