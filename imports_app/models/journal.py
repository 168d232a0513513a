"""Journal of the changes that imports make, from which they are undone."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from imports_app.models.operations import ImportOperation
from imports_app.querysets.journal import STORED_FILE, JournalPageQuerySet


class JournalTable(models.TextChoices):
    """Table of the rows that a page lists."""

    USER = "user"
    USER_ROLE = "user_role"
    EMAIL = "email"
    USER_IMPORT_ID = "user_id"
    ROOM = "room"
    ROOM_IMPORT_ID = "room_id"
    MEMBER = "member"
    MESSAGE = "message"
    FILE = "file"
    WORKSPACE = "workspace"
    STORED_FILE = STORED_FILE
    """Content of deleted files in the storage; the page has no keys."""


class JournalEffect(models.TextChoices):
    """Effect of an import on the rows."""

    CREATED = "created"
    CHANGED = "changed"
    USED = "used"
    """Found or referred to, but not changed. Such rows must stay."""


class JournalPage(models.Model):
    """Rows of one table that one transaction of an import created, changed or used.

    Pages are never changed by imports. An undo deletes each page after it is undone;
    pages of kept rows remain.
    """

    operation = models.ForeignKey(
        ImportOperation,
        models.SET_NULL,
        null=True,
        related_name="journal",
        db_index=False,
    )
    """NULL after the operation was deleted: earlier imports still need the page, to
    know which of their rows a later import used."""
    table = models.CharField(max_length=9, choices=JournalTable)
    effect = models.CharField(max_length=7, choices=JournalEffect)
    rows = models.PositiveIntegerField()
    first_key = models.BigIntegerField()
    last_key = models.BigIntegerField()
    keys = models.BinaryField()
    """Differences of the sorted keys (`engine.undo.packing`); empty if they are
    consecutive."""
    values = models.BinaryField(default=b"", db_default=b"")
    """Created users: fingerprints. Changed rows: previous values and fingerprints."""
    created_at = models.DateTimeField(default=timezone.now)

    objects = JournalPageQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        indexes = (
            models.Index(fields=("operation", "id"), name="journal_of_operation"),
            models.Index(fields=("table", "id"), name="journal_of_table"),
            models.Index(
                fields=("operation", "table", "first_key"), name="journal_of_rows"
            ),
        )

    def __str__(self) -> str:
        return f"{self.table} {self.effect} {self.rows}"

    @property
    def is_change(self) -> bool:
        """Whether the rows were created or changed, so that undo acts on them."""
        return self.effect != JournalEffect.USED
