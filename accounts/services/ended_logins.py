"""Ending the logins of users: their login tokens and browser sessions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction

from accounts.auth.rights import ensure_may_manage
from accounts.models import ActivityEntry, AuthToken, Session, User
from accounts.services.activity import Author, record_change
from accounts.services.tokens import end_tokens
from config.db.bulk import in_chunks


@transaction.atomic
def log_out_everywhere(
    *, users: Collection[User], by: Author, except_session: str = ""
) -> int:
    """End the logins and the admin's sessions of these users; return how many.

    Args:
        users: Whose logins end.
        by: Who does it.
        except_session: The stored key of the session that stays.

    Raises:
        ActionNotAllowedError: A user holds more than the actor.
    """
    ensure_may_manage(users, by=by)
    ended = 0
    logins = AuthToken.objects.filter(kind=AuthToken.Kind.LOGIN)
    for pks in in_chunks(user.pk for user in users):
        ended += end_tokens(logins.filter(user__in=pks), by=by)
    for user in users:
        rows: Any = Session.objects.filter(user=user)
        sessions, _rows = rows.exclude(pk=except_session).delete()
        record_change(
            ActivityEntry.Subject.USER,
            str(user),
            by=by,
            before={"sessions in the admin": sessions},
            after={"sessions in the admin": 0},
        )
        ended += sessions
    return ended
