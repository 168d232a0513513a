"""Writes to browser sessions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.models import ActivityEntry, Session, User
from accounts.services.activity import Author, record_event


@transaction.atomic
def end_sessions(*, user: User, sessions: Iterable[Session], by: Author) -> int:
    """End browser sessions of the user and return their number."""
    owned: Any = Session.objects.filter(user=user)
    ended: int
    ended, _rows = owned.filter(pk__in=[session.pk for session in sessions]).delete()
    if ended:
        record_event(
            ActivityEntry.Action.DELETED,
            ActivityEntry.Subject.SESSION,
            str(user),
            by=by,
            details={"browser sessions": ended},
        )
    return ended
