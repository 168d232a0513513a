"""Service that ends the login tokens and browser sessions of users."""

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
    """End the login tokens and browser sessions of users and return their number.

    Args:
        users: The users to log out.
        by: The author of the change.
        except_session: The stored key of a session to keep.

    Raises:
        ActionNotAllowedError: A user holds a permission that the actor lacks.
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
