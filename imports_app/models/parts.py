"""Parts of a source's messages."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from imports_app.models.operations import ImportOperation
from imports_app.querysets.parts import ImportPartQuerySet, RoomCountQuerySet


class ImportPart(models.Model):
    """Consecutive messages of a source, converted by one worker at a time.

    The messages are in the operation's spool (`engine.parts.spool`), not in the
    database.
    """

    operation = models.ForeignKey(
        ImportOperation, models.CASCADE, related_name="parts", db_index=False
    )
    position = models.PositiveIntegerField()
    """Order in the source, from 0."""
    entry = models.CharField(max_length=500, blank=True)
    """File of the first message."""
    room = models.CharField(max_length=255, blank=True)
    """Import ID of the room, truncated; empty if the messages are of several rooms."""
    offset = models.PositiveBigIntegerField()
    """First byte in the spool."""
    size = models.PositiveIntegerField()
    """Bytes in the spool; 0 for messages that could not be read and were corrected,
    which are in records instead."""
    messages = models.PositiveIntegerField()
    checkpoint = models.PositiveIntegerField(default=0, db_default=0)
    """Number of messages with an outcome or not processed by a trial run."""
    trial: models.JSONField[Any, Any] = models.JSONField(null=True)
    """Positions of the messages that a trial run processes; NULL before they are
    selected, and in other runs."""

    lease_owner = models.CharField(max_length=200, blank=True, db_default="")
    """Process that converts the part; empty while it waits."""
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveBigIntegerField(default=0, db_default=0)
    """Fencing token: incremented with each claim and when the operation ends, so that
    a worker that has lost the part can't write its next page."""

    imported = models.PositiveIntegerField(default=0, db_default=0)
    updated = models.PositiveIntegerField(default=0, db_default=0)
    unchanged = models.PositiveIntegerField(default=0, db_default=0)
    skipped = models.PositiveIntegerField(default=0, db_default=0)
    failed = models.PositiveIntegerField(default=0, db_default=0)

    objects = ImportPartQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=("operation", "position"),
                name="part_unfinished",
                condition=Q(checkpoint__lt=F("messages")),
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("operation", "position"), name="part_position_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry} {self.position}".strip()


class RoomCount(models.Model):
    """Outcomes of messages of one room, a row for each page that has such messages.

    Rows are only inserted, so that workers on parts of the same room don't wait for
    each other. Their sums are the room's counts.
    """

    operation = models.ForeignKey(
        ImportOperation, models.CASCADE, related_name="room_counts", db_index=False
    )
    room = models.CharField(max_length=255)
    """Import ID of the room, truncated."""
    imported = models.PositiveIntegerField(default=0, db_default=0)
    updated = models.PositiveIntegerField(default=0, db_default=0)
    unchanged = models.PositiveIntegerField(default=0, db_default=0)
    skipped = models.PositiveIntegerField(default=0, db_default=0)
    failed = models.PositiveIntegerField(default=0, db_default=0)

    objects = RoomCountQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        indexes = (models.Index(fields=("operation", "room"), name="room_count_room"),)

    def __str__(self) -> str:
        return self.room
