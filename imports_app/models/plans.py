"""Previews of imports, and comparisons with earlier imports of the same source."""

from __future__ import annotations

from typing import Any, Final

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.db.ids import PUBLIC_ID_LENGTH
from imports_app.models.operations import ImportOperation
from imports_app.models.records import ImportRecord, KindChoice, Outcome
from imports_app.querysets.changes import (
    ChangedRecordQuerySet,
    ChangedRoomQuerySet,
    SourceChangesQuerySet,
)
from imports_app.querysets.plans import (
    ImportPlanQuerySet,
    MessageCountQuerySet,
    PlannedMessagesQuerySet,
    PlannedRecordQuerySet,
)


class Effect(models.TextChoices):
    """Effect of a run on a record."""

    CREATE = "create", _("create")
    UPDATE = "update", _("update")
    UNCHANGED = "unchanged", _("unchanged")
    """The user or room exists, and the record does not change it."""
    MERGE = "merge", _("merge")
    """An earlier record of the same import creates or updates the user or room."""
    SKIP = "skip", _("skip")
    FAIL = "fail", _("fail")


class ImportPlan(models.Model):
    """Preview of a run with the current selection, computed by the run's own code."""

    operation = models.ForeignKey(ImportOperation, models.CASCADE, related_name="plans")
    basis = models.CharField(max_length=64)
    """Digest of the selection and options from which it was computed."""
    starter = models.CharField(max_length=PUBLIC_ID_LENGTH, blank=True)
    """Public ID of the user who would start the run."""
    depends_on_starter = models.BooleanField(default=False)
    """Whether another initiator could grant other roles."""
    digest = models.CharField(max_length=64, blank=True)
    """Digest of all effects; empty while the plan is being computed."""
    planned = models.PositiveIntegerField(default=0)
    """Number of users and rooms that are planned so far."""
    totals: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """Number of records by kind and effect, and by kind and outcome."""
    failing: models.JSONField[Any, Any] = models.JSONField(default=list)
    """Room, author, whether the time is invalid, and code of messages that will fail;
    not all of them if there are very many."""
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ImportPlanQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.operation_id} {self.digest[:12]}".strip()

    @property
    def is_complete(self) -> bool:
        """Whether all records are planned."""
        return bool(self.digest)


class PlannedRecord(models.Model):
    """Preview of the effect of a run on a user or room."""

    plan = models.ForeignKey(
        ImportPlan, models.CASCADE, related_name="records", db_index=False
    )
    record = models.ForeignKey(
        ImportRecord,
        models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    """Deleted together with the plan."""
    kind = models.CharField(max_length=7, choices=KindChoice)
    effect = models.CharField(max_length=9, choices=Effect)
    outcome = models.CharField(max_length=20, choices=Outcome)
    code = models.CharField(max_length=100, blank=True)
    message = models.TextField(blank=True)
    """Reason of a failure, or notes."""
    matched_by = models.CharField(max_length=20, blank=True)
    """Attribute that matches the target, in lower case; empty for a new one."""
    target_id = models.BigIntegerField(null=True)
    """Key of an existing user or room."""
    target_name = models.CharField(max_length=255, blank=True)
    """Username or room name, also of new ones."""
    merged_with = models.BigIntegerField(null=True)
    """Key of the earlier record of the same import with the same target."""
    changes: models.JSONField[Any, Any] = models.JSONField(null=True)
    """Values before and after, by field, of a user or room that changes."""
    fingerprint = models.BigIntegerField()
    """Digest of all of this."""

    objects = PlannedRecordQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("record",)
        indexes = (
            models.Index(
                fields=("plan", "kind", "effect", "record"), name="planned_effect"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "record"), name="planned_record_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.record_id} {self.effect}"

    def _is_hidden_room(self, *, may_view: bool) -> bool:
        """Return whether the target is a decided room that the viewer may not view."""
        return (
            not may_view
            and self.kind == KindChoice.CHANNEL
            and (self.matched_by == "decision")
        )

    def target_for(self, *, may_view: bool) -> str:
        """Return the target's name; empty for a room that is hidden."""
        return "" if self._is_hidden_room(may_view=may_view) else self.target_name

    def message_for(self, *, may_view: bool) -> str:
        """Return the message; empty if it names a room that is hidden."""
        return "" if self._is_hidden_room(may_view=may_view) else self.message

    def changes_for(self, *, may_view: bool) -> dict[str, list[Any]]:
        """Return the changes; the values before only for viewers of users or rooms."""
        changes: dict[str, list[Any]] = self.changes or {}
        if may_view:
            return changes
        return {name: [None, after] for name, (_before, after) in changes.items()}

    @property
    def label(self) -> str:
        """Name of the record in the source, or its import ID."""
        data = self.record.data
        return data.get("username") or data.get("name") or self.record.import_id


class PlannedMessages(models.Model):
    """Number of messages of a room with the same effect and reason."""

    plan = models.ForeignKey(
        ImportPlan, models.CASCADE, related_name="messages", db_index=False
    )
    position = models.PositiveIntegerField()
    """Order of the rooms."""
    record_id = models.BigIntegerField(null=True)
    """Key of the room's record; NULL if the import has no record of the room."""
    room = models.TextField(blank=True)
    """Import ID of the room; empty for rows that can't be read."""
    effect = models.CharField(max_length=9, choices=Effect)
    """Create (also of existing messages), skip or fail."""
    code = models.CharField(max_length=100, blank=True)
    messages = models.PositiveIntegerField()

    objects = PlannedMessagesQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("position", "id")
        indexes = (
            models.Index(fields=("plan", "position"), name="planned_messages_room"),
        )

    def __str__(self) -> str:
        return f"{self.room}: {self.messages} {self.effect}"


class MessageCount(models.Model):
    """Number of a source's readable messages by room and author."""

    operation = models.ForeignKey(
        ImportOperation, models.CASCADE, related_name="+", db_index=False
    )
    position = models.PositiveIntegerField()
    room = models.TextField()
    """Import ID of the room."""
    author = models.TextField()
    """Import ID of the author."""
    is_time_invalid = models.BooleanField()
    messages = models.PositiveIntegerField()

    objects = MessageCountQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(
                fields=("operation", "position"), name="message_count_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.room} {self.author}: {self.messages}"


class ChangeEffect(models.TextChoices):
    """Difference between a record and earlier imports of the same source."""

    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    UNCHANGED = "unchanged", _("unchanged")
    GONE = "gone", _("gone")
    """The record is in earlier imports, but not in this file."""


class SourceChanges(models.Model):
    """Comparison of a file with earlier imports of the same source."""

    operation = models.OneToOneField(
        ImportOperation, models.CASCADE, related_name="changes"
    )
    earlier = models.ForeignKey(
        ImportOperation, models.SET_NULL, null=True, related_name="+"
    )
    """The last import of the same source; NULL if there is none or it was deleted."""
    basis = models.CharField(max_length=64)
    """Digest of the decisions and options from which it was computed."""
    compared = models.PositiveBigIntegerField(default=0)
    """Number of records that are compared so far."""
    numbers: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """Number of users, rooms and messages by kind and effect."""
    heartbeat_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    """NULL while it is being computed."""

    objects = SourceChangesQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.operation_id)

    @property
    def is_complete(self) -> bool:
        """Whether all records are compared."""
        return self.finished_at is not None

    @property
    def is_first_import(self) -> bool:
        """Whether there is no earlier import of the same source."""
        return self.is_complete and not self.numbers

    def number(self, kind: str, effect: str) -> int:
        """Return the number of records of a kind with an effect."""
        found: int = self.numbers.get(kind, {}).get(effect, 0)
        return found


FIELD_SEPARATOR: Final = ", "


class ChangedRecord(models.Model):
    """User, room or message that is new, changed or gone; new messages by room."""

    changes = models.ForeignKey(
        SourceChanges, models.CASCADE, related_name="records", db_index=False
    )
    kind = models.CharField(max_length=7, choices=KindChoice)
    effect = models.CharField(max_length=9, choices=ChangeEffect)
    name = models.CharField(max_length=255, blank=True)
    """Name in the source; import ID of a message."""
    fields = models.CharField(max_length=255, blank=True)
    """Names of the changed fields."""
    target_id = models.BigIntegerField(null=True)
    """Key of the existing user, room or message; NULL for new ones."""

    objects = ChangedRecordQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=("changes", "kind", "effect", "id"), name="changed_effect"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.effect}"

    @property
    def field_names(self) -> list[str]:
        """Names of the changed fields."""
        return self.fields.split(FIELD_SEPARATOR) if self.fields else []


class ChangedRoom(models.Model):
    """Numbers of messages of a room by effect."""

    changes = models.ForeignKey(SourceChanges, models.CASCADE, related_name="rooms")
    name = models.CharField(max_length=255, blank=True)
    """Name in the source, or import ID."""
    target_id = models.BigIntegerField(null=True)
    """Key of the existing room; NULL for a new one."""
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)

    objects = ChangedRoomQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name
