"""What an operation staged, and what came of each record."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from imports_app.models.operations import ImportOperation
from imports_app.querysets.records import ImportRecordQuerySet


class Outcome(models.TextChoices):
    """What came of a record; each has exactly one."""

    STAGED = "staged", _("waiting")
    IMPORTED = "imported", _("imported")
    UPDATED = "updated", _("updated")
    """It was there already and is now as the source says."""
    SKIPPED = "skipped", _("skipped")
    """Left out on purpose: not selected, or not tried before the end."""
    FAILED = "failed", _("failed")


class KindChoice(models.TextChoices):
    """The kinds of `imports_app.records.Kind`, with words for people."""

    USER = "user", _("user")
    CONTACT = "contact", _("contact")
    CHANNEL = "channel", _("room")
    MESSAGE = "message", _("message")
    FILE = "file", _("file")
    AVATAR = "avatar", _("picture")


class ImportRecord(models.Model):
    """One record of a source, as it was read."""

    operation = models.ForeignKey(
        ImportOperation, models.CASCADE, related_name="records", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=7, choices=KindChoice)
    import_id = models.CharField(_("id in the source"), max_length=255, blank=True)
    """The record's first import id, cut to what fits."""
    data: models.JSONField[Any, Any] = models.JSONField(_("data"))
    """What `imports_app.records.data_of` made of it."""
    search_text = models.TextField(blank=True, db_default="", editable=False)
    """Names, addresses and ids of a user, contact or room, in lower case."""
    message_count = models.PositiveIntegerField(_("messages"), null=True, blank=True)
    """Of a room: how many readable messages the source has in it."""
    is_unreadable = models.BooleanField(default=False)
    """Only its cells are known; no run can help it."""
    outcome = models.CharField(
        _("outcome"), max_length=8, choices=Outcome, default=Outcome.STAGED
    )
    code = models.CharField(_("code"), max_length=100, blank=True)
    message = models.TextField(_("message"), blank=True)
    """Why it failed, or what a person should know."""
    guess = models.CharField(_("guess"), max_length=100, blank=True, db_default="")
    """The code of a guess that the record rests on, if there is one."""
    target_id = models.BigIntegerField(null=True, blank=True)
    """The account or room that the record became."""
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
        return f"{self.kind} {self.import_id}".strip()


class KindCount(models.Model):
    """How many records of one kind an operation has, by outcome.

    In the end `staged` is the sum of the outcomes; `guessed` records are among them.
    """

    operation = models.ForeignKey(
        ImportOperation, models.CASCADE, related_name="kind_counts", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=7, choices=KindChoice)
    staged = models.PositiveIntegerField(_("found"), default=0)
    imported = models.PositiveIntegerField(_("imported"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    guessed = models.PositiveIntegerField(_("guessed"), default=0, db_default=0)
    """Records that rest on a guess, whatever their outcome."""

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
        return f"{self.kind}: {self.staged}"
