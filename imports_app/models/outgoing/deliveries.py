"""Deliveries of the workspace to connected servers."""

from __future__ import annotations

from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.db.clock import now_in_milliseconds
from config.db.ids import PUBLIC_ID_LENGTH, new_public_id
from imports_app.models.outgoing.servers import Server
from imports_app.querysets.outgoing.deliveries import (
    DeliveredDayQuerySet,
    DeliveryPartQuerySet,
    DeliveryQuerySet,
)


class DeliveryState(models.TextChoices):
    """State of a delivery."""

    PLANNING = "planning", _("Preparing the preview")
    PREVIEW = "preview", _("Ready to start")
    RUNNING = "running", _("In progress")
    BLOCKED = "blocked", _("Waiting for another import on that server")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


WORKING: Final = (
    DeliveryState.PLANNING,
    DeliveryState.RUNNING,
    DeliveryState.BLOCKED,
)
"""States in which a worker processes a delivery."""
ACTIVE: Final = (*WORKING, DeliveryState.PREVIEW)
"""Active states; a server has at most one delivery in them."""


class DeliveryStep(models.TextChoices):
    """Step of a delivery in progress; each is repeated after an interruption."""

    ACCOUNTS = "accounts", _("Create missing users")
    BINDING = "binding", _("Connect existing users")
    ARCHIVES = "archives", _("Write archives")
    PARTS = "parts", _("Import archives")
    AVATARS = "avatars", _("Download avatars")
    FILES = "files", _("Download files")
    MEMBERS = "members", _("Add members to existing rooms")
    VERIFYING = "verifying", _("Verify rooms")


class Delivery(models.Model):
    """Job that sends the selected workspace to a server."""

    public_id = models.CharField(
        _("ID"), max_length=PUBLIC_ID_LENGTH, unique=True, default=new_public_id
    )
    server = models.ForeignKey(
        Server, models.PROTECT, related_name="deliveries", verbose_name=_("server")
    )
    starter = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    """User who last created, started or resumed it; NULL after the user was deleted."""
    by_command = models.BooleanField(default=False)
    """Whether a command did so, which needs no permission."""
    state = models.CharField(
        _("state"),
        max_length=9,
        choices=DeliveryState,
        default=DeliveryState.PLANNING,
    )
    step = models.CharField(
        _("step"), max_length=9, choices=DeliveryStep, default=DeliveryStep.ACCOUNTS
    )
    rooms: models.JSONField[Any, Any] = models.JSONField(null=True)
    """Keys of the selected rooms; NULL selects all."""
    since = models.DateField(null=True)
    """First day, in UTC."""
    until = models.DateField(null=True)
    """First day after the selection, in UTC."""
    matches_usernames = models.BooleanField(default=False)
    """Whether a username alone may match an existing user."""
    has_files = models.BooleanField(default=False)
    """Whether the server downloads attached files and avatars from this one."""
    replaces_foreign = models.BooleanField(default=False)
    """Whether another user's import in progress on the server may be replaced."""
    created_at = models.DateTimeField(_("created"), default=now_in_milliseconds)
    updated_at = models.DateTimeField(_("updated"), default=now_in_milliseconds)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    lease_owner = models.CharField(max_length=200, blank=True)
    """Process with the lease; empty while waiting for a worker."""
    lease_expires_at = models.DateTimeField(null=True)
    """End of the lease, or of the wait for the enqueued task."""
    due_at = models.DateTimeField(null=True)
    """Time of the next attempt; NULL means as soon as possible."""
    heartbeat_at = models.DateTimeField(default=now_in_milliseconds)
    attempts = models.PositiveIntegerField(default=0)
    """Consecutive failed attempts, for example without a connection."""
    remote_operation = models.CharField(max_length=64, blank=True)
    """ID of the last operation on the server that this delivery created."""
    note = models.CharField(_("waiting for"), max_length=500, blank=True)
    """Why the delivery waits."""
    error_code = models.CharField(max_length=100, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    preview: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """Result of planning, as `Preview` returns it."""
    messages_total = models.PositiveIntegerField(_("messages"), default=0)
    messages_sent = models.PositiveIntegerField(_("sent"), default=0)
    users_created = models.PositiveIntegerField(_("users created"), default=0)
    users_connected = models.PositiveIntegerField(_("users connected"), default=0)
    problems = models.PositiveIntegerField(_("problems"), default=0)
    """Number of rooms that differ from the sent ones."""
    records_failed = models.PositiveIntegerField(_("records that failed"), default=0)
    """As the server reports."""
    avatars_failed = models.PositiveIntegerField(_("missing avatars"), default=0)
    """Avatars that the server could not download."""
    files_failed = models.PositiveIntegerField(_("missing files"), default=0)
    """Files that the server could not download."""

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("-id",)
        verbose_name = _("delivery to a server")
        verbose_name_plural = _("deliveries to servers")
        constraints = (
            models.UniqueConstraint(
                fields=("server",),
                condition=models.Q(
                    state__in=("planning", "running", "blocked", "preview")
                ),
                name="delivery_one_per_server",
            ),
        )

    def __str__(self) -> str:
        return f"{self.server} {self.public_id}"

    @property
    def is_complete(self) -> bool:
        """Whether all sent content has arrived, according to the server."""
        return not any(
            (self.problems, self.records_failed, self.avatars_failed, self.files_failed)
        )

    @property
    def is_active(self) -> bool:
        """Whether the delivery has not ended."""
        return self.state in ACTIVE

    @property
    def is_resumable(self) -> bool:
        """Whether the delivery stopped after its start and may continue."""
        ended = (DeliveryState.FAILED, DeliveryState.CANCELLED)
        return self.state in ended and self.started_at is not None


class DeliveryEvent(models.Model):
    """Change of a delivery's state or step, or a reason to wait."""

    delivery = models.ForeignKey(
        Delivery, models.CASCADE, related_name="events", db_index=False
    )
    created_at = models.DateTimeField(default=now_in_milliseconds)
    actor = models.CharField(max_length=255, blank=True)
    """Username; empty for a worker."""
    text = models.CharField(max_length=500)

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        indexes = (
            models.Index(fields=("delivery", "id"), name="delivery_event_order"),
        )

    def __str__(self) -> str:
        return self.text


class DeliveryPart(models.Model):
    """Archive of a delivery."""

    class State(models.TextChoices):
        """State of an archive."""

        WAITING = "waiting", _("waiting")
        UPLOADING = "uploading", _("uploading")
        """The upload has begun; the server may have the archive."""
        STARTING = "starting", _("starting")
        """The start was requested; the import may be running."""
        DONE = "done", _("imported")

    delivery = models.ForeignKey(
        Delivery, models.CASCADE, related_name="parts", db_index=False
    )
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    """Name of the file, which no other archive has."""
    messages = models.PositiveIntegerField()
    days: models.JSONField[Any, Any] = models.JSONField(default=list)
    """Room, day, digest and number of messages of each completed day."""
    users: models.JSONField[Any, Any] = models.JSONField(default=list)
    """ID here, username and import ID of the users in the archive, and whether the
    archive creates them."""
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    errors = models.PositiveIntegerField(default=0)
    """Number of records that failed on the server."""

    objects = DeliveryPartQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(
                fields=("delivery", "number"), name="delivery_part_unique"
            ),
        )

    def __str__(self) -> str:
        return self.name


class DeliveredRoom(models.Model):
    """Outcome of a delivery for a room."""

    delivery = models.ForeignKey(
        Delivery, models.CASCADE, related_name="outcomes", db_index=False
    )
    room = models.CharField(max_length=PUBLIC_ID_LENGTH)
    """ID of the room here."""
    name = models.CharField(_("room"), max_length=255)
    """For direct messages, the names of the members."""
    type = models.CharField(max_length=1)
    import_id = models.CharField(max_length=64)
    """ID of the room in the archives."""
    remote_id = models.CharField(max_length=64, blank=True)
    """ID of the room on the server."""
    existed = models.BooleanField(default=False)
    """Whether the room existed on the server before the first delivery."""
    members: models.JSONField[Any, Any] = models.JSONField(default=list)
    """Usernames on the server."""
    sent = models.PositiveIntegerField(_("sent"), default=0)
    """New and changed messages."""
    added = models.PositiveIntegerField(default=0)
    """Messages among them that no earlier delivery has sent."""
    before = models.PositiveIntegerField(default=0)
    """Messages in the server's room before the delivery."""
    arrived = models.IntegerField(_("arrived"), null=True)
    """Messages added to the server's room during the delivery; NULL until verified."""
    samples: models.JSONField[Any, Any] = models.JSONField(default=list)
    """Time in seconds and SHA-256 of the text of some messages."""
    problem = models.CharField(_("problem"), max_length=500, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ("name", "id")
        verbose_name = _("delivered room")
        verbose_name_plural = _("delivered rooms")
        constraints = (
            models.UniqueConstraint(
                fields=("delivery", "room"), name="delivered_room_unique"
            ),
        )

    def __str__(self) -> str:
        return self.name


class DeliveredDay(models.Model):
    """Messages of a room and day that were delivered to a server.

    A later delivery sends the days whose digest differs.
    """

    server = models.ForeignKey(Server, models.CASCADE, related_name="+", db_index=False)
    room = models.CharField(max_length=PUBLIC_ID_LENGTH)
    day = models.DateField()
    messages = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    """SHA-256 of the day's messages as in the archive, in hex."""

    objects = DeliveredDayQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("server", "room", "day"), name="delivered_day_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.room} {self.day}"


class DeliveredUser(models.Model):
    """User who has an import ID on a server."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="+", db_index=False)
    user = models.CharField(max_length=255)
    """ID of the user here."""
    username = models.CharField(max_length=255)
    """Username on the server."""
    import_id = models.CharField(max_length=255)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("server", "user"), name="delivered_user_unique"
            ),
        )

    def __str__(self) -> str:
        return self.username
