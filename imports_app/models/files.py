"""Files that are attached to messages, and their download before the run."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.db.clock import now_in_milliseconds
from imports_app.models.operations import ImportOperation
from imports_app.models.workspace import Room
from imports_app.querysets.linked_files import (
    FileDownloadQuerySet,
    LinkedFileQuerySet,
)
from imports_app.querysets.workspace import MessageFileQuerySet


class FileState(models.TextChoices):
    """State of a file's content."""

    WAITING = "waiting", _("not downloaded")
    STORED = "stored", _("stored")
    FAILED = "failed", _("failed")
    """The next download retries it."""
    LINK = "link", _("link")
    """On another server; never downloaded."""


class MessageFile(models.Model):
    """File that is attached to a message."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="+", db_index=False)
    message_import_id = models.CharField(_("message"), max_length=255)
    """`import_id` of the message in the room."""
    source_id = models.CharField(_("ID in the source"), max_length=255)
    name = models.CharField(_("name"), max_length=255, blank=True)
    content_type = models.CharField(_("content type"), max_length=255, blank=True)
    """From the source."""
    size = models.BigIntegerField(_("size in bytes"), null=True, blank=True)
    """From the source; once the file is stored, its real size."""
    url = models.TextField(blank=True)
    """URL of the content; may contain a secret, so it is never shown in full."""
    sent_at = models.DateTimeField(_("sent"))
    """Time of the message, not of the download."""
    state = models.CharField(
        _("state"), max_length=7, choices=FileState, db_default=FileState.WAITING
    )
    stored_name = models.CharField(max_length=255, blank=True, db_default="")
    """Generated name in the storage."""
    digest = models.CharField(_("SHA-256"), max_length=64, blank=True, db_default="")
    """SHA-256 of the stored content, in hex."""

    objects = MessageFileQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = (
            models.Index(
                fields=("id",),
                name="message_file_wanted",
                condition=models.Q(state__in=("waiting", "failed")),
            ),
            models.Index(fields=("source_id",), name="message_file_source"),
            models.Index(fields=("room", "name", "id"), name="message_file_name"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("room", "message_import_id", "source_id"),
                name="message_file_unique",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="stored") | ~models.Q(stored_name=""),
                name="message_file_stored_somewhere",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.source_id


class DownloadState(models.TextChoices):
    """State of the download of an import's linked files."""

    RUNNING = "running", _("in progress")
    FINISHED = "finished", _("finished")
    STOPPED = "stopped", _("stopped")
    FAILED = "failed", _("failed")
    """The server could not continue, for example because the disk was full."""
    DELETED = "deleted", _("deleted")
    """The list and the files that no message uses were deleted."""


class FileDownload(models.Model):
    """Download of the files that an import's messages link to, before the run.

    The job does not change the status of the operation.
    """

    operation = models.OneToOneField(
        ImportOperation, models.SET_NULL, null=True, related_name="file_download"
    )
    """NULL after the operation was deleted; a worker then deletes the files."""
    state = models.CharField(
        max_length=8, choices=DownloadState, default=DownloadState.RUNNING
    )
    started_at = models.DateTimeField(default=now_in_milliseconds)
    finished_at = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=200, blank=True)
    """Process that downloads; empty while waiting for a worker."""
    lease_expires_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(default=now_in_milliseconds)
    next_part = models.PositiveIntegerField(default=0)
    """Position of the next part of messages to search for links."""
    is_listed = models.BooleanField(default=False)
    """Whether all messages were searched for links."""
    found = models.PositiveIntegerField(default=0)
    """Number of different files."""
    stored = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    """Why the server could not continue."""

    objects = FileDownloadQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("file download")
        verbose_name_plural = _("file downloads")

    def __str__(self) -> str:
        return self.coverage

    @property
    def coverage(self) -> str:
        """Text with the number of downloaded files, and the reasons for the others."""
        files = ngettext("%s of %s file", "%s of %s files", self.found)
        numbers = (f"{self.stored:,}", f"{self.found:,}")
        parts = [
            _("%s no longer available") % f"{self.gone:,}" if self.gone else "",
            _("%s failed") % f"{self.failed:,}" if self.failed else "",
            _("%s not downloaded yet") % f"{self.waiting:,}" if self.waiting else "",
        ]
        return ", ".join(filter(None, [files % numbers, *map(str, parts)]))

    @property
    def is_running(self) -> bool:
        """Whether files are being downloaded, or wait for a worker."""
        return self.state == DownloadState.RUNNING

    @property
    def is_incomplete(self) -> bool:
        """Whether links were not searched for or files not tried."""
        return not self.is_listed or self.waiting > 0

    @property
    def waiting(self) -> int:
        """Number of files without a result."""
        return self.found - self.stored - self.gone - self.failed

    @property
    def version(self) -> str:
        """Text that changes with the state and the numbers."""
        numbers = (self.found, self.stored, self.gone, self.failed)
        return ".".join(map(str, (self.state, self.is_listed, *numbers)))


class LinkedFileState(models.TextChoices):
    """Result of the download of a linked file."""

    WAITING = "waiting", _("not downloaded yet")
    STORED = "stored", _("downloaded")
    GONE = "gone", _("no longer available")
    """The source refuses the link; another attempt would not help."""
    FAILED = "failed", _("failed")


class LinkedFile(models.Model):
    """File that messages of a source link to, each once per download."""

    download = models.ForeignKey(
        FileDownload, models.CASCADE, related_name="files", db_index=False
    )
    key = models.CharField(max_length=64)
    """SHA-256 of the file's ID and of its URL without secrets."""
    source_id = models.CharField(_("ID in the source"), max_length=255)
    name = models.CharField(_("name"), max_length=255, blank=True)
    content_type = models.CharField(_("content type"), max_length=255, blank=True)
    size = models.BigIntegerField(_("size in bytes"), null=True)
    """From the source; once the file is stored, its real size."""
    url = models.TextField()
    """May contain a secret, so it is never shown in full."""
    room = models.CharField(_("room"), max_length=255)
    """Import ID of the room of the first message with the file."""
    message = models.CharField(_("message"), max_length=255)
    """Import ID of this message."""
    source_file = models.CharField(max_length=500, blank=True)
    source_line = models.PositiveIntegerField(null=True)
    state = models.CharField(
        max_length=7, choices=LinkedFileState, db_default=LinkedFileState.WAITING
    )
    code = models.CharField(max_length=100, blank=True, db_default="")
    reason = models.CharField(max_length=300, blank=True, db_default="")
    stored_name = models.CharField(max_length=255, blank=True, db_default="")
    """Name in the storage. The file of a message may have the same."""
    digest = models.CharField(max_length=64, blank=True, db_default="")

    objects = LinkedFileQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        verbose_name = _("linked file")
        verbose_name_plural = _("linked files")
        indexes = (
            models.Index(fields=("download", "state", "id"), name="linked_file_state"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("download", "key"), name="linked_file_unique"
            ),
        )

    def __str__(self) -> str:
        return self.name or self.source_id
