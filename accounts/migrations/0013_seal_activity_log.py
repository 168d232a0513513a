"""Create the head record and seal existing entries."""

from django.db import migrations

from accounts.activity import signatures


def seal(apps, schema_editor):
    entries = apps.get_model("accounts", "ActivityEntry").objects.order_by("pk")
    head = apps.get_model("accounts", "ActivityLogHead")()
    head.digest = head.anchor_digest = head.log_id
    key, last = signatures.keys()[0], 0
    while batch := list(entries.filter(pk__gt=last)[:500]):
        for entry in batch:
            content = tuple(getattr(entry, column) for column in signatures.CONTENT)
            entry.signature = signatures.sign_content(key, content)
            head.sequence += 1
            head.digest = signatures.sign_link(
                key,
                sequence=head.sequence,
                previous=head.digest,
                entry_id=entry.pk,
                signature=entry.signature,
            )
            entry.sequence, entry.digest = head.sequence, head.digest
        entries.bulk_update(batch, ["signature", "sequence", "digest"])
        last = batch[-1].pk
    head.signature = signatures.sign_head(key, head)
    head.save()


def unseal(apps, schema_editor):
    apps.get_model("accounts", "ActivityLogHead").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_activity_log_chain"),
    ]

    operations = [
        migrations.RunPython(seal, unseal),
    ]
