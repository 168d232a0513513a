"""Decisions about users and rooms of a source, and corrections of records."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.db.clock import now_in_milliseconds
from config.db.ids import PUBLIC_ID_LENGTH
from imports_app.models.operations import ImportOperation
from imports_app.models.records import KindChoice
from imports_app.querysets.review import CorrectionQuerySet, DecisionQuerySet


class DecisionAction(models.TextChoices):
    """Action of a decision about a user or room of the source."""

    MATCH = "match", _("match with an existing one")
    """`target` is the public ID of an existing user or room."""
    CREATE = "create", _("create a new user")
    """`value` has the `username`, the `email`, or both. Users only."""
    MERGE = "merge", _("merge with another user of the source")
    """`target` is the first import ID of the other user. Users only."""
    CHANGE = "change", _("change before importing")
    """`value` has the `name`, `private` (true), or both. Rooms only."""
    SKIP = "skip", _("skip")


class Decision(models.Model):
    """Decision about a staged user or room. The run applies it."""

    operation = models.ForeignKey(
        ImportOperation, models.CASCADE, related_name="decisions", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=7, choices=KindChoice)
    import_id = models.CharField(_("ID in the source"), max_length=255)
    """First import ID of the record, truncated as in `ImportRecord`."""
    import_ids: models.JSONField[Any, Any] = models.JSONField(default=list)
    """All import IDs of the record, by which messages and members refer to it."""
    action = models.CharField(_("action"), max_length=6, choices=DecisionAction)
    value: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    target = models.CharField(max_length=255, blank=True)
    target_name = models.CharField(max_length=255, blank=True)
    """Username or name of the target at the time of the decision."""
    made_by = models.CharField(max_length=PUBLIC_ID_LENGTH, blank=True)
    """Public ID of the user who decided; the run checks the permissions again."""
    made_at = models.DateTimeField(default=now_in_milliseconds)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = (
            models.UniqueConstraint(
                fields=("operation", "kind", "import_id"), name="decision_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind="user", action__in=("match", "create", "merge", "skip")
                )
                | models.Q(kind="channel", action__in=("match", "change", "skip")),
                name="decision_action_of_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.import_id}: {self.action}"


class Correction(models.Model):
    """Corrected values of a record, which the run or a retry uses.

    Before the run, the record itself gets the corrected data, and `original` keeps the
    data that was read. After the run, a failed record keeps its data, and a retry uses
    `data`. The key of the record is not a foreign key, so that deleting a million
    records does not read them.
    """

    operation = models.ForeignKey(
        ImportOperation, models.CASCADE, related_name="corrections"
    )
    record_id = models.BigIntegerField(unique=True)
    cells: models.JSONField[Any, Any] = models.JSONField(_("corrected row"))
    """The corrected row in the layout of a CSV import."""
    data: models.JSONField[Any, Any] = models.JSONField()
    """Result of `imports_app.records.data_of` for the corrected record."""
    original: models.JSONField[Any, Any] = models.JSONField(null=True)
    """The record as it was read (`engine.corrections.staged.Original`); NULL if it was
    corrected after the run."""
    part = models.PositiveIntegerField(null=True)
    """Position of the part that converts the message; NULL for other records."""
    item = models.PositiveIntegerField(null=True)
    """Place of the message in its part, from 0; NULL if it could not be read."""
    revision = models.PositiveIntegerField(default=1, db_default=1)
    """Increases with each change."""
    made_by = models.CharField(max_length=PUBLIC_ID_LENGTH, blank=True)
    """Public ID of the user who corrected the record."""
    made_at = models.DateTimeField(default=now_in_milliseconds)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = (
            models.UniqueConstraint(
                fields=("operation", "part", "item"), name="correction_message_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.record_id}"
