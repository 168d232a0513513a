"""Imports of exports into connected Mattermost servers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.db.clock import now_in_milliseconds
from config.db.ids import PUBLIC_ID_LENGTH, new_public_id
from imports_app.models.outgoing.exports import WorkspaceExport
from imports_app.models.outgoing.servers import Server
from imports_app.querysets.outgoing.mattermost import MattermostImportQuerySet


class MattermostImportState(models.TextChoices):
    """State of an import into Mattermost."""

    WAITING = "waiting", _("Waiting for a worker")
    RUNNING = "running", _("In progress")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class MattermostPhase(models.TextChoices):
    """Phase of an import into Mattermost."""

    UPLOADING = "uploading", _("Uploading")
    IMPORTING = "importing", _("Importing")


class MattermostImport(models.Model):
    """Job that sends the archive of an export to a server and follows its import."""

    public_id = models.CharField(
        _("ID"), max_length=PUBLIC_ID_LENGTH, unique=True, default=new_public_id
    )
    export = models.ForeignKey(
        WorkspaceExport,
        models.SET_NULL,
        null=True,
        related_name="mattermost_imports",
        verbose_name=_("export"),
    )
    """NULL after the export was deleted."""
    archive = models.CharField(_("archive"), max_length=255)
    """Name of the file in the export."""
    digest = models.CharField(_("SHA-256"), max_length=64)
    """SHA-256 of the archive in hex; its name in Mattermost is made from it."""
    server = models.ForeignKey(
        Server,
        models.PROTECT,
        related_name="mattermost_imports",
        verbose_name=_("server"),
    )
    starter = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    """NULL after the user was deleted."""
    repeats = models.BooleanField(default=False)
    """Whether to import an archive that Mattermost has already imported."""
    state = models.CharField(
        _("state"),
        max_length=9,
        choices=MattermostImportState,
        default=MattermostImportState.WAITING,
    )
    phase = models.CharField(
        _("phase"),
        max_length=9,
        choices=MattermostPhase,
        default=MattermostPhase.UPLOADING,
    )
    bytes_sent = models.BigIntegerField(_("bytes uploaded"), default=0)
    bytes_total = models.BigIntegerField(_("bytes"))
    was_started = models.BooleanField(default=False)
    """Whether Mattermost was, or may have been, asked to import the archive."""
    previous_job = models.CharField(max_length=64, blank=True)
    """ID of the previous job in Mattermost for the same archive; a newer job of the
    archive belongs to this import."""
    note = models.CharField(_("note"), max_length=500, blank=True)
    """Reason for waiting, or result of the import."""
    error_code = models.CharField(max_length=100, blank=True)
    error = models.CharField(_("error"), max_length=1000, blank=True)
    created_at = models.DateTimeField(_("created"), default=now_in_milliseconds)
    updated_at = models.DateTimeField(_("updated"), default=now_in_milliseconds)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    attempts = models.PositiveIntegerField(default=0)
    """Consecutive failed calls, for example without a connection."""
    due_at = models.DateTimeField(null=True)
    """Time of the next turn; NULL means as soon as possible."""
    lease_owner = models.CharField(max_length=200, blank=True)
    """Process that works on it; empty while waiting for a worker."""
    lease_expires_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(default=now_in_milliseconds)

    objects = MattermostImportQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("-id",)
        verbose_name = _("import into Mattermost")
        verbose_name_plural = _("imports into Mattermost")
        constraints = (
            models.UniqueConstraint(
                fields=("server",),
                condition=models.Q(state__in=("waiting", "running")),
                name="mattermost_import_one_per_server",
            ),
        )

    def __str__(self) -> str:
        return f"{self.server} {self.public_id}"

    @property
    def is_active(self) -> bool:
        """Whether the import has not ended."""
        return self.state in (
            MattermostImportState.WAITING,
            MattermostImportState.RUNNING,
        )
