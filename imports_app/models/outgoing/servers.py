"""Connected servers."""

from __future__ import annotations

from typing import Any, Final

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.db.clock import now_in_milliseconds

KEY_PURPOSE: Final = "server tokens"
"""Purpose of the encryption of `Server.token`."""
MATTERMOST_USER: Final = "me"
"""Mattermost's name for the user of the token."""
_HEADER_VALUE: Final = RegexValidator(
    r"\A[!-~]+\Z", _("Use printable ASCII characters without spaces.")
)


class Server(models.Model):
    """Connected server, with the credentials of one of its users."""

    class Kind(models.TextChoices):
        """Product that runs on the server."""

        ROCKETCHAT = "rocketchat", "Rocket.Chat"
        MATTERMOST = "mattermost", "Mattermost"

    name = models.SlugField(
        _("name"),
        max_length=50,
        unique=True,
        help_text=_("Short name for URLs and commands, for example team-chat."),
    )
    kind = models.CharField(
        _("kind"), max_length=10, choices=Kind, default=Kind.ROCKETCHAT
    )
    base_address = models.CharField(_("address"), max_length=2000)
    user_id = models.CharField(
        _("user ID"),
        max_length=100,
        validators=[_HEADER_VALUE],
        help_text=_(
            "ID of the token's user on that server. Rocket.Chat shows it when you"
            " create a token. Not needed for Mattermost."
        ),
    )
    token = models.TextField(editable=False)
    """Encrypted; never shown."""
    is_enabled = models.BooleanField(
        _("enabled"),
        default=True,
        help_text=_("Workers don't call a disabled server. You can still check it."),
    )
    created_at = models.DateTimeField(_("created"), default=now_in_milliseconds)
    checked_at = models.DateTimeField(_("last check"), null=True, editable=False)
    version = models.CharField(_("version"), max_length=50, blank=True, editable=False)
    """As the server reports it."""
    findings: models.JSONField[Any, Any] = models.JSONField(
        _("findings"), default=list, editable=False
    )
    """Findings of the last check: objects with level, code, text and advice."""

    class Meta:
        default_permissions = ()
        ordering = ("name",)
        verbose_name = _("connected server")
        verbose_name_plural = _("connected servers")

    def __str__(self) -> str:
        return self.name

    @property
    def has_problems(self) -> bool:
        """Whether the last check found problems."""
        return any(one["level"] == "error" for one in self.findings)
