"""API tokens: login tokens and personal access tokens."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.users import User
from accounts.querysets import AuthTokenQuerySet

LAST_PART_LENGTH: Final = 6


def token_digest(plain: str) -> str:
    """Return the base64-encoded SHA-256 of a token, as Rocket.Chat stores it.

    Source: wire-api.md 4.1.
    """
    return base64.b64encode(hashlib.sha256(plain.encode()).digest()).decode()


def earliest_end(
    kind: str, created_at: datetime, expires_at: datetime | None
) -> datetime | None:
    """Return the expiry time. TOKEN_MAX_DAYS limits personal access tokens."""
    if not settings.TOKEN_MAX_DAYS or kind != AuthToken.Kind.PERSONAL:
        return expires_at
    limit = created_at + timedelta(days=settings.TOKEN_MAX_DAYS)
    return limit if expires_at is None else min(expires_at, limit)


class AuthToken(models.Model):
    """An API token. Only its digest is stored; the plain value is shown once."""

    class Kind(models.TextChoices):
        """Whether a login or a user created the token."""

        LOGIN = "login", _("login")
        PERSONAL = "personal", _("personal access token")

    user = models.ForeignKey(
        User, models.CASCADE, related_name="tokens", verbose_name=_("owner")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.LOGIN)
    digest = models.CharField(max_length=44, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=255, blank=True)
    last_part = models.CharField(_("ends with"), max_length=LAST_PART_LENGTH)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    """Exact to a minute."""
    bypass_two_factor = models.BooleanField(
        _("skips two-factor authentication"), default=False
    )

    networks = models.TextField(
        _("networks"),
        blank=True,
        default="",
        help_text=_(
            "IP addresses and networks from which the token can be used, such as"
            " 192.0.2.0/24, separated by commas. Leave empty for no restriction."
        ),
    )

    objects = AuthTokenQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("-created_at", "-id")
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "name"),
                condition=models.Q(kind="personal"),
                name="personal_token_name_unique",
                violation_error_message=_(
                    "The user already has a token with this name."
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.name or self.get_kind_display()} …{self.last_part}"

    @property
    def ends_at(self) -> datetime | None:
        """When the token expires, by its own expiry time or by TOKEN_MAX_DAYS."""
        return earliest_end(self.kind, self.created_at, self.expires_at)

    @property
    def is_unused(self) -> bool:
        """Whether the token has not been used for TOKEN_UNUSED_DAYS."""
        days = settings.TOKEN_UNUSED_DAYS
        last = self.last_used_at or self.created_at
        return bool(days) and last <= timezone.now() - timedelta(days=days)

    @property
    def has_expired(self) -> bool:
        """Whether the token no longer works."""
        end = self.ends_at
        return (end is not None and end <= timezone.now()) or self.is_unused
