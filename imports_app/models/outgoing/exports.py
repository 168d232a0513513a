"""Exports of the workspace to archives."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.db.clock import now_in_milliseconds
from config.db.ids import PUBLIC_ID_LENGTH, new_public_id
from imports_app.models.operations import ImportOperation
from imports_app.querysets.outgoing.exports import WorkspaceExportQuerySet


class ExportState(models.TextChoices):
    """State of an export."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("in progress")
    COMPLETED = "completed", _("completed")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("expired")
    """Completed; its archives were deleted after the retention period."""


class WorkspaceExport(models.Model):
    """Export of a selected part of the workspace to archives, by a worker.

    Each attempt writes to a separate folder. A worker that loses its lease deletes its
    folder, and the next one starts from the beginning: equal content gives equal
    archives.
    """

    public_id = models.CharField(
        _("ID"), max_length=PUBLIC_ID_LENGTH, unique=True, default=new_public_id
    )
    starter = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    """NULL for exports by a command, and after the user was deleted."""
    format = models.CharField(_("format"), max_length=30)
    """Key of the format."""
    files = models.CharField(_("files"), max_length=7)
    """How files are included (`FileMode`)."""
    selection = models.JSONField(default=dict)
    """Rooms and users as public IDs, days, and the import; empty for everything."""
    options = models.JSONField(default=dict)
    """Size of an archive, and options of the format."""
    operation = models.ForeignKey(
        ImportOperation,
        models.SET_NULL,
        null=True,
        related_name="exports",
        verbose_name=_("import"),
    )
    """Import whose result is exported, unless it was deleted."""
    state = models.CharField(
        _("state"), max_length=9, choices=ExportState, default=ExportState.WAITING
    )
    created_at = models.DateTimeField(_("created"), default=now_in_milliseconds)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    expires_at = models.DateTimeField(_("expires"))
    """End of the archives and of the links to files in them."""
    total = models.PositiveIntegerField(null=True)
    """Number of messages in the selected rooms."""
    done = models.PositiveIntegerField(default=0)
    """Number of messages that were read so far."""
    manifest = models.JSONField(null=True)
    """Result of a completed export: archives, rooms and losses."""
    size = models.BigIntegerField(_("size in bytes"), null=True)
    error_code = models.CharField(max_length=100, blank=True)
    error = models.CharField(max_length=500, blank=True)
    """Why the export failed."""
    written_to = models.TextField(blank=True)
    """Folder of an export by a command; this server doesn't keep its archives."""
    attempt = models.PositiveIntegerField(default=0)
    """Number of attempts; the fencing token of the lease."""
    lease_owner = models.CharField(max_length=200, blank=True)
    lease_expires_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=0)
    """Incremented with each change."""

    objects = WorkspaceExportQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("-id",)
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = (
            models.Index(
                fields=("id",),
                name="export_active",
                condition=models.Q(state__in=("waiting", "running")),
            ),
            models.Index(fields=("state", "expires_at"), name="export_expiry"),
        )
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(state="completed")
                | models.Q(manifest__isnull=False),
                name="export_completed_with_manifest",
            ),
        )

    def __str__(self) -> str:
        return f"export {self.public_id} ({self.format})"

    @property
    def is_active(self) -> bool:
        """Whether the export is waiting for a worker or in progress."""
        return self.state in (ExportState.WAITING, ExportState.RUNNING)

    @property
    def has_archives(self) -> bool:
        """Whether this server keeps the archives."""
        return self.state == ExportState.COMPLETED and not self.written_to
