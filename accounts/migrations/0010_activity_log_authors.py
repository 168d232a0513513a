"""Fill in the action and the author's public ID of existing entries."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill_in(apps, schema_editor):
    entries = apps.get_model("accounts", "ActivityEntry").objects
    users = apps.get_model("accounts", "User").objects
    entries.filter(before__isnull=True).update(action="created")
    entries.filter(before__isnull=False, after__isnull=True).update(action="deleted")
    entries.filter(author__isnull=False).update(
        author_public_id=Subquery(
            users.filter(pk=OuterRef("author_id")).values("public_id")[:1]
        )
    )
    entries.filter(author_name="").update(author_name="command line")


def restore_authors(apps, schema_editor):
    entries = apps.get_model("accounts", "ActivityEntry").objects
    users = apps.get_model("accounts", "User").objects
    entries.filter(author_name__startswith="command line").update(author_name="")
    entries.exclude(author_public_id="").update(
        author_id=Subquery(
            users.filter(public_id=OuterRef("author_public_id")).values("pk")[:1]
        )
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_activity_log"),
    ]

    operations = [
        migrations.RunPython(fill_in, restore_authors),
    ]
