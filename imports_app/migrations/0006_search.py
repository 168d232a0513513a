from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

_MAKE = {
    # Words are made by us, and the index has to know no more than which entry has one.
    "sqlite": (
        "CREATE VIRTUAL TABLE imports_app_messagewords USING fts5("
        "words, content='', detail='none', columnsize=0, tokenize='ascii')",
    ),
    "postgresql": (
        "CREATE TABLE imports_app_messagewords"
        " (rowid bigint PRIMARY KEY, words tsvector NOT NULL)",
        # Words that the statistics don't know are taken to be as frequent as the rarest
        # that they do know; with few of them, the index goes unused.
        "ALTER TABLE imports_app_messagewords ALTER words SET STATISTICS 1000",
        "CREATE INDEX messagewords_words ON imports_app_messagewords USING gin (words)",
    ),
}


def make_words(apps: Any, schema_editor: Any) -> None:
    """Make the table of words, of the sort that the database can search."""
    for statement in _MAKE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop_words(apps: Any, schema_editor: Any) -> None:
    """Remove it."""
    schema_editor.execute("DROP TABLE imports_app_messagewords")


class Migration(migrations.Migration):
    dependencies = [("imports_app", "0005_history")]

    operations = [
        migrations.CreateModel(
            name="SearchProgress",
            fields=[
                (
                    "id",
                    models.SmallIntegerField(
                        default=1, primary_key=True, serialize=False
                    ),
                ),
                ("checked_to", models.BigIntegerField(default=0)),
                ("updates_seen", models.BigIntegerField(default=0)),
                ("asked_at", models.DateTimeField(null=True)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="search_progress_one_row"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MessageEntry",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("digest", models.BigIntegerField()),
                (
                    "message",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="entry",
                        to="imports_app.message",
                    ),
                ),
            ],
            options={"ordering": ("-id",), "default_permissions": ()},
        ),
        migrations.RunPython(make_words, drop_words),
    ]
