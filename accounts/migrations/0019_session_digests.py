"""Replace keys of browser sessions with digests. Sessions stay valid."""

import hashlib

from django.db import migrations


def keep_digests(apps, schema_editor):
    """Replace each key with its digest."""
    sessions = apps.get_model("accounts", "Session").objects
    for key in list(sessions.values_list("session_key", flat=True)):
        digest = hashlib.sha256(key.encode()).hexdigest()[:40]
        sessions.filter(session_key=key).update(session_key=digest)


def end_sessions(apps, schema_editor):
    """Delete all sessions, because their keys can't be restored."""
    apps.get_model("accounts", "Session").objects.all().delete()


class Migration(migrations.Migration):
    """Replace session keys with digests."""

    dependencies = [("accounts", "0018_session_details")]

    operations = [migrations.RunPython(keep_digests, end_sessions)]
