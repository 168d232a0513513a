"""Search index of messages, which workers update."""

from __future__ import annotations

from typing import Any

from django.db import models

from imports_app.models.workspace import Message
from imports_app.search.queries import MessageEntryQuerySet


class MessageEntry(models.Model):
    """Search entry of a message; keys are in order of time over all rooms.

    The words are in the table of `imports_app.search.queries`, with the same key.
    """

    id: models.BigIntegerField[Any, Any] = models.BigIntegerField(primary_key=True)
    """Milliseconds since 1970, and a part to distinguish messages of a millisecond."""
    message = models.OneToOneField(
        Message, models.SET_NULL, null=True, db_constraint=False, related_name="entry"
    )
    """NULL after the message got another entry, because keys are never reused.

    Without a constraint, so that writing messages needs no check of entries.
    """
    digest = models.BigIntegerField()
    """Digest of the indexed content; differs after an import changed the message."""

    objects = MessageEntryQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("-id",)

    def __str__(self) -> str:
        return str(self.pk)


class SearchProgress(models.Model):
    """Progress of the indexing; a single row."""

    id: models.SmallIntegerField[Any, Any] = models.SmallIntegerField(
        primary_key=True, default=1
    )
    checked_to = models.BigIntegerField(default=0)
    """Key of the last message whose entry is up to date."""
    settled_to = models.BigIntegerField(default=0, db_default=0)
    """Key up to which all messages were committed before the running import."""
    updates_seen = models.BigIntegerField(default=0)
    """Number of messages that imports had replaced when the comparison began."""
    asked_at = models.DateTimeField(null=True)
    """Time of the last request to a worker; NULL if the index is up to date."""

    class Meta:
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=models.Q(id=1), name="search_progress_one_row"
            ),
        )

    def __str__(self) -> str:
        return str(self.checked_to)
