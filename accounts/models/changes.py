"""The log of changes: who could do what, since when, and who decided so."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.users import User


class Change(models.Model):
    """One change of a user, role, permission or token. Never altered.

    Names are kept beside what they name, which may be deleted later.
    """

    class Subject(models.TextChoices):
        """What sort of thing was changed."""

        USER = "user", _("user")
        ROLE = "role", _("role")
        PERMISSION = "permission", _("permission")
        TOKEN = "token", _("token")

    created_at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    author = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    author_name = models.CharField(_("by"), max_length=255, blank=True)
    """Empty for the command line."""
    address = models.CharField(_("from address"), max_length=45, blank=True)
    subject = models.CharField(_("kind"), max_length=10, choices=Subject)
    name = models.CharField(_("name"), max_length=600)
    before = models.JSONField(_("before"), null=True)
    """NULL if it was made by this change."""
    after = models.JSONField(_("after"), null=True)
    """NULL if it was deleted by this change."""

    class Meta:
        default_permissions = ()
        ordering = ("-id",)
        verbose_name = _("change")
        verbose_name_plural = _("changes")

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.name}"
