"""The activity log: who did what, when, and from where."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ActivityEntry(models.Model):
    """One entry of the activity log. It is never altered.

    Names are stored beside what they name, which may be deleted later. So no entry
    refers to another table, and deleting a user leaves the log as it is.
    """

    class Subject(models.TextChoices):
        """The kind of thing that an entry is about."""

        USER = "user", _("user")
        ROLE = "role", _("role")
        PERMISSION = "permission", _("permission")
        TOKEN = "token", _("token")
        SESSION = "session", _("session")
        ROOM = "room", _("room")
        MESSAGE = "message", _("message")
        FILE = "file", _("file")
        IMPORT = "import", _("import")
        ACTIVITY_LOG = "activity_log", _("activity log")

    class Action(models.TextChoices):
        """What was done."""

        CREATED = "created", _("created")
        CHANGED = "changed", _("changed")
        DELETED = "deleted", _("deleted")
        LOGGED_IN = "logged_in", _("logged in")
        LOGIN_FAILED = "login_failed", _("login failed")
        LOCKED_OUT = "locked_out", _("locked out")
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
    """Empty if nobody was logged in."""
    author_public_id = models.CharField(_("user ID"), max_length=17, blank=True)
    """Empty for commands and for requests without a login."""
    address = models.CharField(_("from address"), max_length=45, blank=True)
    action = models.CharField(_("action"), max_length=20, choices=Action)
    subject = models.CharField(_("kind"), max_length=20, choices=Subject)
    name = models.CharField(_("name"), max_length=600)
    before = models.JSONField(_("before"), null=True)
    """NULL if the action created the subject, or changed nothing."""
    after = models.JSONField(_("after"), null=True)
    """NULL if the action deleted the subject; the details of other actions."""

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
