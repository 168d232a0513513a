"""Query sets of assigned columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.db import models, transaction

from accounts.models import User
from config.db.clock import now_in_milliseconds

if TYPE_CHECKING:
    from imports_app.models import AssignedColumns

_MOST_KEPT: Final = 100
"""Maximum number per user; the oldest are deleted."""


class AssignedColumnsQuerySet(models.QuerySet["AssignedColumns"]):
    """Query set of assigned columns."""

    def of(self, user: User) -> dict[str, dict[str, str]]:
        """Return the columns that a user assigned, by header key."""
        return dict(self.filter(user=user).values_list("header_key", "columns"))

    @transaction.atomic
    def remember(self, user: User, assigned: Mapping[str, Mapping[str, str]]) -> None:
        """Store assigned columns, replacing those of the same header."""
        now = now_in_milliseconds()
        for key, columns in assigned.items():
            self.update_or_create(
                user=user,
                header_key=key,
                defaults={"columns": dict(columns), "assigned_at": now},
            )
        newest = self.filter(user=user).order_by("-assigned_at", "-pk")
        kept = list(newest.values_list("pk", flat=True)[:_MOST_KEPT])
        self.filter(user=user).exclude(pk__in=kept).delete()
