"""Mirror of the import operations of connected servers.

The tables are separate from `ImportOperation`, so that no worker can run, change or
list a mirrored operation as one of this server.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.db.clock import now_in_milliseconds
from imports_app.models.outgoing.servers import Server
from imports_app.querysets.outgoing.mirror import (
    MirroredOperationQuerySet,
    ServerPollQuerySet,
)
from imports_app.statuses import RUNNING

_STALLED_AFTER: Final = timedelta(minutes=5)


class ServerPoll(models.Model):
    """State of the polling of a server; one worker polls it at a time."""

    server = models.OneToOneField(
        Server, models.CASCADE, primary_key=True, related_name="poll"
    )
    due_at = models.DateTimeField(default=timezone.now)
    """Time of the next poll; during a poll, the time after which it counts as lost."""
    claim = models.PositiveIntegerField(default=0)
    """Number of the last poll; only the last poll may store its result."""
    claimed_by = models.CharField(max_length=200, blank=True)
    """Process that is polling."""
    etag = models.CharField(max_length=200, blank=True)
    """ETag of the last list."""
    polled_at = models.DateTimeField(_("last poll"), null=True)
    """Time of the last successful poll."""
    failures = models.PositiveIntegerField(default=0)
    """Consecutive failed polls."""
    error_code = models.CharField(max_length=100, blank=True)
    error = models.CharField(max_length=500, blank=True)
    """Why the last poll failed, and what to do; empty after a successful poll."""
    is_active = models.BooleanField(default=False)
    """Whether the newest operation is in progress."""

    objects = ServerPollQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.server)

    @staticmethod
    def of(server: Server) -> ServerPoll | None:
        """Return the state of a server, or `None` before the first poll."""
        poll: ServerPoll | None = getattr(server, "poll", None)
        return poll


class MirroredOperation(models.Model):
    """Import operation of a connected server; kept when the server no longer lists it.

    The columns have the names of those of `ImportOperation`.
    """

    server = models.ForeignKey(
        Server,
        models.CASCADE,
        related_name="operations",
        verbose_name=_("server"),
        db_index=False,
    )
    public_id = models.CharField(_("ID"), max_length=64)
    importer_name = models.CharField(_("importer"), max_length=100, blank=True)
    importer_key = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(_("started"))
    status = models.CharField(_("status"), max_length=64)
    """As the server reports it; may be unknown here."""
    is_valid = models.BooleanField(_("valid"))
    user_id = models.CharField(_("user ID"), max_length=64, blank=True)
    updated_at = models.DateTimeField(_("changed"))
    """The server's `_updatedAt`; older descriptions never replace newer ones."""
    content_type = models.CharField(max_length=255, blank=True)
    file_name = models.CharField(_("file"), max_length=255, blank=True)
    count_total = models.PositiveIntegerField(null=True)
    count_completed = models.PositiveIntegerField(null=True)
    count_error = models.PositiveIntegerField(null=True)
    count_users = models.PositiveIntegerField(null=True)
    count_channels = models.PositiveIntegerField(null=True)
    count_messages = models.PositiveIntegerField(null=True)
    count_contacts = models.PositiveIntegerField(null=True)
    document: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """All keys that the server sends."""
    first_seen_at = models.DateTimeField(_("first seen"), default=now_in_milliseconds)
    revision = models.PositiveIntegerField(default=0)
    """Number of changes seen."""

    objects = MirroredOperationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("-created_at", "-id")
        verbose_name = _("import of another server")
        verbose_name_plural = _("imports of other servers")
        constraints = (
            models.UniqueConstraint(
                fields=("server", "public_id"), name="mirrored_operation_unique"
            ),
        )
        indexes = (
            models.Index(fields=("created_at", "id"), name="mirrored_by_start"),
            models.Index(
                fields=("server", "created_at", "id"), name="mirrored_by_server"
            ),
            models.Index(fields=("server", "updated_at"), name="mirrored_by_change"),
        )

    def __str__(self) -> str:
        return f"{self.server}: {self.public_id}"

    @property
    def is_running(self) -> bool:
        """Whether the server is processing the operation, by its last known state."""
        return self.is_valid and self.status in RUNNING

    @property
    def is_stalled(self) -> bool:
        """Whether it is in progress but has not changed for five minutes."""
        return self.is_running and self.updated_at < timezone.now() - _STALLED_AFTER


class MirroredChange(models.Model):
    """Change of the status of a mirrored operation, as observed."""

    operation = models.ForeignKey(
        MirroredOperation, models.CASCADE, related_name="changes"
    )
    observed_at = models.DateTimeField(default=now_in_milliseconds)
    updated_at = models.DateTimeField()
    """The server's `_updatedAt` at that time."""
    status = models.CharField(max_length=64)
    is_valid = models.BooleanField()

    class Meta:
        default_permissions = ()
        ordering = ("id",)

    def __str__(self) -> str:
        return self.status


class MirrorGap(models.Model):
    """Time in which operations of a server may have changed without being seen.

    All operations of a list were newer than every known one.
    """

    server = models.ForeignKey(Server, models.CASCADE, related_name="gaps")
    after = models.DateTimeField()
    """The newest known change before the gap."""
    before = models.DateTimeField()
    """The oldest change in the list after the gap."""
    noticed_at = models.DateTimeField(default=now_in_milliseconds)

    class Meta:
        default_permissions = ()
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.server}: {self.after} to {self.before}"
