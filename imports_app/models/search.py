"""What messages are found by; a worker fills it once they are in."""

from __future__ import annotations

from typing import Any

from django.db import models

from imports_app.models.workspace import Message
from imports_app.search.queries import MessageEntryQuerySet


class MessageEntry(models.Model):
    """A message's place in the order of time, over all rooms.

    Its words are in the table of `imports_app.search.queries`, under the same key.
    """

    id: models.BigIntegerField[Any, Any] = models.BigIntegerField(primary_key=True)
    """Milliseconds since 1970, and a part that tells messages of one apart."""
    message = models.OneToOneField(
        Message, models.SET_NULL, null=True, db_constraint=False, related_name="entry"
    )
    """NULL once the message has another entry: keys are never used again.

    Without a constraint, so that writing messages costs no check for entries.
    """
    digest = models.BigIntegerField()
    """Of what the words were taken from; differs once an import changed the message."""

    objects = MessageEntryQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("-id",)

    def __str__(self) -> str:
        return str(self.pk)


class SearchProgress(models.Model):
    """How far the worker is; there is one row."""

    id: models.SmallIntegerField[Any, Any] = models.SmallIntegerField(
        primary_key=True, default=1
    )
    checked_to = models.BigIntegerField(default=0)
    """Messages up to this key have an entry, and were compared with it."""
    updates_seen = models.BigIntegerField(default=0)
    """How many messages imports had replaced when the comparison began."""
    asked_at = models.DateTimeField(null=True)
    """When a worker was asked last; NULL if there is nothing to do."""

    class Meta:
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=models.Q(id=1), name="search_progress_one_row"
            ),
        )

    def __str__(self) -> str:
        return str(self.checked_to)
