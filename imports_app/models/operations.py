"""Import operations and their timelines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import AuthToken, User
from config.db.clock import now_in_milliseconds
from config.db.ids import PUBLIC_ID_LENGTH, new_public_id
from imports_app.querysets.operations import (
    WITH_ERRORS,
    EventOrderQuerySet,
    ImportOperationQuerySet,
    OperationEventQuerySet,
)
from imports_app.querysets.overall_status import OverallStatus, overall_status_of
from imports_app.statuses import (
    FINISHED,
    RUNNING,
    UNDO_KEY,
    State,
    Status,
    UndoState,
    state_of,
)

MAX_TRIAL_MESSAGES: Final = 1_000
"""Maximum number of messages of each room that a trial run imports."""


class ImportOperation(models.Model):
    """Import; an entry of getLatestImportOperations."""

    public_id = models.CharField(
        _("ID"), max_length=PUBLIC_ID_LENGTH, unique=True, default=new_public_id
    )
    importer_key = models.CharField(_("importer"), max_length=50)
    importer_name = models.CharField(_("type"), max_length=100)
    """Name of the importer at the time (the wire's `type`)."""
    user = models.ForeignKey(
        User,
        models.DO_NOTHING,
        to_field="public_id",
        db_constraint=False,
        null=True,
        related_name="import_operations",
        verbose_name=_("started by"),
    )
    """Kept after the user is deleted, because the wire needs the initiator's ID."""
    status = models.CharField(
        _("status"), max_length=30, choices=Status, default=Status.NEW
    )
    is_valid = models.BooleanField(_("valid"), default=True)
    """Whether the operation can still be used, successful or not (wire-api.md 3.5)."""
    created_at = models.DateTimeField(_("started"), default=now_in_milliseconds)
    updated_at = models.DateTimeField(_("updated"), default=now_in_milliseconds)
    revision = models.PositiveBigIntegerField(default=1, editable=False)
    """Number of writes of this row, used for its ETag."""

    content_type = models.CharField(_("content type"), max_length=255, blank=True)
    file_name = models.CharField(_("file"), max_length=500, blank=True)
    """Name of the stored file."""
    file_size = models.PositiveBigIntegerField(_("file size"), null=True, blank=True)
    """Bytes."""
    source_url = models.TextField(blank=True)
    """URL of the file to download; may contain a secret, so it is never shown."""
    file_digest = models.CharField(_("SHA-256"), max_length=64, blank=True)

    reading_options: models.JSONField[Any, Any] = models.JSONField(
        default=dict, db_default=models.Value({}, models.JSONField()), blank=True
    )
    """Data of `imports_app.importers.reading_options.ReadingOptions`."""

    count_total = models.PositiveIntegerField(_("records"), null=True, blank=True)
    count_completed = models.PositiveIntegerField(_("imported"), null=True, blank=True)
    count_error = models.PositiveIntegerField(_("failed"), null=True, blank=True)
    count_users = models.PositiveIntegerField(_("users"), null=True, blank=True)
    count_channels = models.PositiveIntegerField(_("rooms"), null=True, blank=True)
    count_messages = models.PositiveIntegerField(_("messages"), null=True, blank=True)
    count_contacts = models.PositiveIntegerField(_("contacts"), null=True, blank=True)

    is_prepared = models.BooleanField(default=False)
    """Whether all records were staged, so that a selection is possible."""
    report: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    """Data of `imports_app.importers.base.Report`."""
    selection: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    """Data of `imports_app.selection.rules.Selection`."""
    sent_by = models.CharField(
        max_length=PUBLIC_ID_LENGTH, blank=True, db_default="", default=""
    )
    """Public ID of the file's uploader, also if another user reads or retries it."""
    run_started_by = models.CharField(
        max_length=PUBLIC_ID_LENGTH, blank=True, db_default="", default=""
    )
    """Public ID of the user who started the run."""
    fails_existing = models.BooleanField(default=False)
    """Whether records of existing users fail (wire-api.md 2.15)."""
    workspace_id = models.CharField(
        max_length=255, blank=True, db_default="", default="", editable=False
    )
    """ID of the workspace in the source; empty if the source does not state it."""
    is_offer_answered = models.BooleanField(
        default=False, db_default=False, editable=False
    )
    """Whether a user accepted or declined the decisions of the last import."""
    plan_digest = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    """Digest of the plan that the run must still have; empty if it may differ."""
    trial_messages = models.PositiveSmallIntegerField(
        _("trial run"), null=True, blank=True, editable=False
    )
    """Messages of each room that a trial run imports; NULL for other runs."""
    parent = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="retries",
        verbose_name=_("retry of"),
    )

    undo_state = models.CharField(
        max_length=9,
        choices=UndoState,
        default=UndoState.NONE,
        db_default="",
        blank=True,
        editable=False,
    )
    rest_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="continuations",
        verbose_name=_("rest of"),
    )
    """Operation that ended early, whose file and selection this one imports again."""

    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    """Time at which it was done, failed, was cancelled or replaced."""
    status_since = models.DateTimeField(
        null=True, default=now_in_milliseconds, editable=False
    )
    """Time of the last change of the status; NULL if an older release made it."""
    running_ms = models.PositiveBigIntegerField(null=True, default=0, editable=False)
    """Milliseconds in which the server worked on it, until `status_since`.

    NULL if an older release created the operation.
    """
    run_started_at = models.DateTimeField(_("run started"), null=True, blank=True)
    checkpoint = models.PositiveBigIntegerField(default=0, editable=False)
    """Number of staged records while preparing; last processed record in a run."""
    lease_owner = models.CharField(max_length=200, blank=True, editable=False)
    """Process with the lease; empty while waiting for a worker."""
    lease_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    heartbeat_at = models.DateTimeField(_("last heartbeat"), null=True, blank=True)
    error_code = models.CharField(_("error code"), max_length=100, blank=True)
    error_message = models.TextField(_("error"), blank=True)

    objects = ImportOperationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("-updated_at", "-id")
        verbose_name = _("import operation")
        verbose_name_plural = _("import operations")
        indexes = (
            models.Index(fields=("updated_at", "id"), name="operation_latest"),
            models.Index(fields=("created_at", "id"), name="operation_started"),
            models.Index(
                fields=("status", "created_at", "id"), name="operation_status"
            ),
            models.Index(fields=("user", "created_at", "id"), name="operation_starter"),
            models.Index(
                fields=("importer_key", "created_at", "id"), name="operation_importer"
            ),
            models.Index(
                fields=("created_at", "id"),
                condition=WITH_ERRORS,
                name="operation_with_errors",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status__in=Status.values),
                name="operation_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(trial_messages__isnull=True)
                | models.Q(trial_messages__range=(1, MAX_TRIAL_MESSAGES)),
                name="operation_trial_messages",
            ),
            models.UniqueConstraint(
                fields=("is_valid",),
                condition=models.Q(is_valid=True),
                name="operation_one_valid",
            ),
        )

    def __str__(self) -> str:
        file_name = self.original_file_name
        if file_name:
            return f"{file_name} ({self.public_id})"
        return f"{self.importer_name} {self.public_id}"

    @property
    def original_file_name(self) -> str:
        """Name of the file on the uploader's computer; empty without a file."""
        return self.file_name.partition(f"_{self.user_id}_")[2]

    @property
    def state(self) -> State:
        """State in `import.status`."""
        return state_of(Status(self.status), is_valid=self.is_valid)

    @property
    def overall_status(self) -> OverallStatus:
        """Status that the console shows."""
        return overall_status_of(self)

    @property
    def counters(self) -> dict[str, int]:
        """Counters by name."""
        counted = {
            name: getattr(self, f"count_{name}")
            for name in (
                "total",
                "completed",
                "error",
                "users",
                "channels",
                "messages",
                "contacts",
            )
        }
        return {name: count for name, count in counted.items() if count is not None}

    @property
    def running_time(self) -> timedelta | None:
        """Time that the server has worked on it; `None` if not recorded."""
        if self.running_ms is None:
            return None
        length = timedelta(milliseconds=self.running_ms)
        if self.is_running and self.status_since is not None:
            length += timezone.now() - self.status_since
        return length

    @property
    def waiting_time(self) -> timedelta | None:
        """Time that it has waited for users; `None` if not recorded."""
        if (running := self.running_time) is None:
            return None
        whole = (self.finished_at or timezone.now()) - self.created_at
        return max(whole - running, timedelta())

    @property
    def is_undo(self) -> bool:
        """Whether it undoes its parent."""
        return self.importer_key == UNDO_KEY

    @property
    def is_trial(self) -> bool:
        """Whether its run imports or imported only the first messages of each room."""
        return self.trial_messages is not None and self.status != Status.USER_SELECTION

    @property
    def continues_trial(self) -> bool:
        """Whether it imports the rest of a trial run that is done."""
        earlier = self.rest_of
        return (
            earlier is not None and earlier.is_trial and earlier.status == Status.DONE
        )

    @property
    def trial_label(self) -> str:
        """Label with the number of messages of a trial run; empty for other runs."""
        if self.trial_messages is None or not self.is_trial:
            return ""
        text = ngettext(
            "Trial run: first message of each room",
            "Trial run: first %(number)s messages of each room",
            self.trial_messages,
        )
        return text % {"number": f"{self.trial_messages:,}"}

    @property
    def is_in_progress(self) -> bool:
        """Whether the operation is active: running, or waiting for a user."""
        return self.is_valid and self.status not in FINISHED

    @property
    def is_running(self) -> bool:
        """Whether the server is processing the operation."""
        return self.is_valid and self.status in RUNNING


class OperationEvent(models.Model):
    """Change of an operation's status, with time and actor. Never modified."""

    operation = models.ForeignKey(
        ImportOperation, models.CASCADE, related_name="events"
    )
    created_at = models.DateTimeField(_("time"), default=now_in_milliseconds)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    """NULL for the server."""
    token = models.ForeignKey(
        AuthToken,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("token"),
    )
    from_status = models.CharField(_("from"), max_length=30, choices=Status, blank=True)
    """Empty for the first event."""
    to_status = models.CharField(_("to"), max_length=30, choices=Status)
    is_valid = models.BooleanField(_("valid"), default=True)
    """Whether the operation was valid afterwards."""
    counters = models.JSONField(_("counters"), default=dict, blank=True)
    undo_state = models.CharField(
        max_length=9, choices=UndoState, default="", db_default="", blank=True
    )
    """State that an undo reached; empty for other events."""
    corrected = models.CharField(max_length=300, default="", db_default="", blank=True)
    """Corrected record; empty for other events."""
    is_correction_removed = models.BooleanField(default=False, db_default=False)
    """Whether the correction of the record was removed."""
    position = models.PositiveBigIntegerField(null=True, editable=False)
    """Number in the order of commits (`EventOrder`); NULL until it is assigned."""

    objects = OperationEventQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        verbose_name = _("event")
        verbose_name_plural = _("timeline")
        indexes = (
            models.Index(
                fields=("id",),
                condition=models.Q(position__isnull=True),
                name="event_without_position",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("position",),
                condition=models.Q(position__isnull=False),
                name="event_position",
            ),
        )

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M:%S} {self.to_status}"


class EventOrder(models.Model):
    """The one row that orders the events of all timelines for their readers.

    Keys are not in the order of commits: a transaction may commit an event with a
    smaller key later. Positions are assigned after the commit, by one transaction at a
    time, which locks this row. When a position is visible, all smaller positions are
    visible, too.
    """

    first_pk = models.PositiveBigIntegerField(default=0)
    """Events up to this key existed before this table; their key is their position."""
    last = models.PositiveBigIntegerField(default=0)
    """The highest position."""

    objects = EventOrderQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.last)

    @staticmethod
    def new_events(first_pk: Any) -> OperationEventQuerySet:
        """Return the events without a position."""
        return OperationEvent.objects.without_position(first_pk)
