"""Two-factor devices (authenticator apps) and recovery codes."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models.users import User
from accounts.querysets import TwoFactorDeviceQuerySet


class TwoFactorDevice(models.Model):
    """A user's authenticator app (TOTP, RFC 6238)."""

    user = models.OneToOneField(User, models.CASCADE, related_name="two_factor_device")
    secret = models.TextField()
    """Encrypted by `accounts.auth.encryption`."""
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    """NULL until the first code proves that the app has the secret."""
    last_step = models.BigIntegerField(default=0)
    """Time step of the last accepted code. Codes up to it are rejected."""
    failures = models.PositiveIntegerField(default=0)
    """Consecutive wrong codes."""
    last_attempt_at = models.DateTimeField(null=True)

    objects = TwoFactorDeviceQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(models.Model):
    """A single-use code that replaces the authenticator app, stored as digest."""

    device = models.ForeignKey(
        TwoFactorDevice, models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.device)
