"""Staged records and their outcomes."""

from __future__ import annotations

from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from imports_app.models.operations import ImportOperation
from imports_app.querysets.records import ImportRecordQuerySet


class Outcome(models.TextChoices):
    """Outcome of a record."""

    STAGED = "staged", _("waiting")
    IMPORTED = "imported", _("imported")
    UPDATED = "updated", _("updated")
    """The user, room or message existed and was updated from the source."""
    UNCHANGED = "unchanged", _("unchanged")
    """It existed, and the record did not change it."""
    SKIPPED = "skipped", _("skipped")
    """Not selected, or not imported by design."""
    FAILED = "failed", _("failed")


COMPLETED: Final = (Outcome.IMPORTED, Outcome.UPDATED, Outcome.UNCHANGED)
"""Outcomes of records that are in the workspace (the wire's `completed`)."""


class KindChoice(models.TextChoices):
    """Labels of `imports_app.records.Kind`."""

    USER = "user", _("user")
    CONTACT = "contact", _("contact")
    CHANNEL = "channel", _("room")
    MESSAGE = "message", _("message")
    FILE = "file", _("file")
    AVATAR = "avatar", _("avatar")


class ImportRecord(models.Model):
    """Record that was read from a source."""

    operation = models.ForeignKey(
        ImportOperation, models.CASCADE, related_name="records", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=7, choices=KindChoice)
    import_id = models.CharField(_("ID in the source"), max_length=255, blank=True)
    """First import ID of the record, truncated."""
    data: models.JSONField[Any, Any] = models.JSONField(_("data"))
    """Result of `imports_app.records.data_of`."""
    search_text = models.TextField(blank=True, db_default="", editable=False)
    """Names, addresses and IDs of a user, contact or room, in lower case."""
    message_count = models.PositiveIntegerField(_("messages"), null=True, blank=True)
    """Number of readable messages, for rooms."""
    is_unreadable = models.BooleanField(default=False)
    """Whether only the cells of the row are known, so that no run can process it."""
    outcome = models.CharField(
        _("outcome"), max_length=20, choices=Outcome, default=Outcome.STAGED
    )
    code = models.CharField(_("code"), max_length=100, blank=True)
    message = models.TextField(_("message"), blank=True)
    """Reason of the failure, or a note."""
    guess = models.CharField(_("guess"), max_length=100, blank=True, db_default="")
    """Code of the guess that the record depends on, if any."""
    target_id = models.BigIntegerField(null=True, blank=True)
    """Key of the user or room that was created, updated or left unchanged."""
    source_file = models.CharField(_("file"), max_length=500, blank=True)
    source_line = models.PositiveIntegerField(_("line"), null=True, blank=True)

    objects = ImportRecordQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        verbose_name = _("record")
        verbose_name_plural = _("records")
        indexes = (
            models.Index(fields=("operation", "kind", "id"), name="record_work"),
            models.Index(fields=("operation", "outcome", "id"), name="record_outcome"),
            models.Index(
                fields=("outcome", "code", "operation"),
                condition=models.Q(outcome="failed"),
                name="record_failure",
            ),
            models.Index(
                fields=("operation", "guess", "id"),
                condition=~models.Q(guess=""),
                name="record_guess",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.import_id}".strip()


class KindCount(models.Model):
    """Counts of an operation's records of one kind, by outcome.

    After the run, `staged` is the sum of the outcomes. `guessed` records are included.
    """

    operation = models.ForeignKey(
        ImportOperation, models.CASCADE, related_name="kind_counts", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=7, choices=KindChoice)
    staged = models.PositiveIntegerField(_("found"), default=0)
    imported = models.PositiveIntegerField(_("imported"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0, db_default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    unprocessed = models.PositiveIntegerField(
        _("not processed"), default=0, db_default=0
    )
    """Records that a run did not reach before it was cancelled or failed, and messages
    that a trial run does not process."""
    guessed = models.PositiveIntegerField(_("guessed"), default=0, db_default=0)
    """Records that depend on a guess, with any outcome."""
    unreadable = models.PositiveIntegerField(default=0, db_default=0)
    """Failed records that can't be read, so that no run can process them."""
    omitted = models.PositiveIntegerField(default=0, db_default=0)
    """Skipped records of kinds that the importer does not support."""

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        verbose_name = _("outcome by kind")
        verbose_name_plural = _("outcomes by kind")
        constraints = (
            models.UniqueConstraint(
                fields=("operation", "kind"), name="kind_count_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.staged}"

    @property
    def due(self) -> int:
        """Number of records that the run processes."""
        return self.staged - self.unprocessed

    @property
    def completed(self) -> int:
        """Number of records that are in the workspace."""
        return sum(getattr(self, outcome) for outcome in COMPLETED)

    @property
    def processed(self) -> int:
        """Number of records with an outcome."""
        return self.completed + self.skipped + self.failed
