"""The activity log: who did what, when and from which address."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.querysets import ActivityEntryQuerySet
from config.db.ids import PUBLIC_ID_LENGTH, new_public_id


class ActivityEntry(models.Model):
    """An immutable entry of the activity log.

    Entries store names instead of foreign keys, because the objects may be deleted
    later. Deleting a user leaves the log unchanged.
    """

    class Subject(models.TextChoices):
        """The kind of object that an entry is about."""

        USER = "user", _("user")
        ROLE = "role", _("role")
        PERMISSION = "permission", _("permission")
        TOKEN = "token", _("token")
        SESSION = "session", _("session")
        ROOM = "room", _("room")
        MESSAGE = "message", _("message")
        FILE = "file", _("file")
        IMPORT = "import", _("import")
        WEBHOOK = "webhook", _("webhook")
        SERVER = "server", _("connected server")
        DELIVERY = "delivery", _("delivery")
        ACTIVITY_LOG = "activity_log", _("activity log")

    class Action(models.TextChoices):
        """The action that an entry records."""

        CREATED = "created", _("created")
        CHANGED = "changed", _("changed")
        DELETED = "deleted", _("deleted")
        LOGGED_IN = "logged_in", _("logged in")
        LOGIN_FAILED = "login_failed", _("login failed")
        LOCKED_OUT = "locked_out", _("locked out")
        UNLOCKED = "unlocked", _("unlocked")
        LOGGED_OUT = "logged_out", _("logged out")
        PASSWORD_CHANGED = "password_changed", _("password changed")
        VIEWED = "viewed", _("viewed")
        SEARCHED = "searched", _("searched")
        DOWNLOADED = "downloaded", _("downloaded")
        EXPORTED = "exported", _("exported")
        STARTED = "started", _("started")
        CANCELLED = "cancelled", _("cancelled")
        PRUNED = "pruned", _("pruned")

    created_at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    author_name = models.CharField(_("by"), max_length=255, blank=True)
    """Empty if no user was logged in."""
    author_public_id = models.CharField(
        _("user ID"), max_length=PUBLIC_ID_LENGTH, blank=True
    )
    """Empty for commands and for requests without a login."""
    address = models.CharField(_("IP address"), max_length=45, blank=True)
    action = models.CharField(_("action"), max_length=20, choices=Action)
    subject = models.CharField(_("kind"), max_length=20, choices=Subject)
    name = models.CharField(_("name"), max_length=600)
    before = models.JSONField(_("before"), null=True)
    """NULL if the action created the subject or changed no state."""
    after = models.JSONField(_("after"), null=True)
    """NULL if the action deleted the subject. Details for other actions."""

    signature = models.CharField(max_length=80, unique=True)
    """Covers the columns above."""
    sequence = models.BigIntegerField(_("number"), null=True, unique=True)
    """NULL until the entry is sealed, right after the commit."""
    digest = models.CharField(max_length=64, blank=True)
    """Covers number, ID, signature and the digest of the entry before this one."""

    objects = ActivityEntryQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("-id",)
        verbose_name = _("activity log entry")
        verbose_name_plural = _("activity log entries")
        indexes = (
            models.Index(fields=["author_name", "id"], name="activity_author"),
            models.Index(fields=["address", "id"], name="activity_address"),
            models.Index(fields=["action", "id"], name="activity_action"),
            models.Index(fields=["subject", "id"], name="activity_subject"),
        )

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.name}"


class ActivityLogHead(models.Model):
    """The single row with the first and last entry of the activity log."""

    log_id = models.CharField(
        max_length=PUBLIC_ID_LENGTH, default=new_public_id, unique=True
    )
    sequence = models.BigIntegerField(default=0)
    """The number of the last sealed entry."""
    digest = models.CharField(max_length=64, blank=True)
    """The digest of the last sealed entry; the log's ID before the first."""
    anchor_sequence = models.BigIntegerField(default=0)
    """The number of the last pruned entry."""
    anchor_digest = models.CharField(max_length=64, blank=True)
    """The digest of the last pruned entry; the log's ID before the first."""
    signature = models.CharField(max_length=64)
    """Covers all columns above."""

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.log_id}: {self.anchor_sequence} to {self.sequence}"
