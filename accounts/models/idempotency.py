"""Idempotent API calls."""

from __future__ import annotations

from django.db import models

from accounts.models.users import User
from accounts.querysets import IdempotentCallQuerySet
from config.db.clock import now_in_milliseconds

LONGEST_KEY = 255


class IdempotentCall(models.Model):
    """A call with the header Idempotency-Key, and its response once it is complete."""

    user = models.ForeignKey(
        User, models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    """Without a constraint, so that a call may delete its own user."""
    key = models.CharField(max_length=LONGEST_KEY)
    fingerprint = models.CharField(max_length=64)
    """Digest of method, path, query and body."""
    created_at = models.DateTimeField(default=now_in_milliseconds)
    claim = models.PositiveIntegerField(default=1)
    """Fencing token: number of the run that may complete the call."""
    claimed_at = models.DateTimeField(default=now_in_milliseconds)
    claimed_by = models.CharField(max_length=200)
    """Process of that run."""
    status = models.PositiveSmallIntegerField(null=True)
    """Status of the response; NULL until the call is complete."""
    headers: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict
    )
    body = models.BinaryField(default=b"")

    objects = IdempotentCallQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("user", "key"), name="idempotent_call_unique"
            ),
        )
        indexes = (
            models.Index(fields=("created_at",), name="idempotent_call_created"),
        )

    def __str__(self) -> str:
        return self.key
