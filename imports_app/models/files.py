"""Files that are attached to messages."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from imports_app.models.workspace import Room
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
    """As the source says."""
    size = models.BigIntegerField(_("size in bytes"), null=True, blank=True)
    """As the source says; once the file is stored, what it has."""
    url = models.TextField(blank=True)
    """URL of the content; may contain a secret, so it is never shown in full."""
    sent_at = models.DateTimeField(_("sent"))
    """Time of the message, not of the download."""
    state = models.CharField(
        _("state"), max_length=7, choices=FileState, db_default=FileState.WAITING
    )
    stored_name = models.CharField(max_length=255, blank=True, db_default="")
    """Generated name in the storage."""
    digest = models.CharField(max_length=64, blank=True, db_default="")
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
