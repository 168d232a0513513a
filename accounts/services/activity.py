"""Services that write to the activity log, in the transaction of the change."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, NamedTuple, TypeAlias

from django.db import transaction
from django.utils import timezone

from accounts.activity.sealing import seal_pending
from accounts.activity.signatures import CONTENT, keys, sign_content, storable
from accounts.models import ActivityEntry, AuthToken, Role, User
from config.db.bulk import insert_rows
from config.http.client_addresses import client_address

State: TypeAlias = dict[str, Any] | None
"""The properties of a subject at one time; `None` if it doesn't exist."""

ACCESS_INTERVAL: Final = timedelta(minutes=10)
_LATEST: Final = 50
_NAME_LENGTH: Final = 600
_ADDRESS_LENGTH: Final = 45
_AUTHOR_LENGTH: Final = 255


@dataclass(frozen=True, slots=True)
class Author:
    """The user or process that performs an action, and the client address."""

    user: User | None
    """`None` for commands and for requests without a login."""
    address: str = ""
    name: str = ""
    """The name of an author without a user."""


COMMAND_LINE: Final = Author(None, name="command line")


class ChangedState(NamedTuple):
    """A change of a subject, for `record_changes`."""

    subject: ActivityEntry.Subject
    name: str
    before: State
    after: State


def command_line() -> str:
    """Return the author name of commands, with the operating system's user."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # the process runs as a user without a name
        user = str(os.getuid())
    return f"{COMMAND_LINE.name} ({user})"


def author_of(request: Any) -> Author:
    """Return the author of a Django or API request."""
    user = request.user if request.user.is_authenticated else None
    return Author(user, client_address(request))


def record_change(
    subject: ActivityEntry.Subject,
    name: str,
    *,
    by: Author,
    before: State,
    after: State,
) -> None:
    """Append an entry if the state has changed."""
    record_changes([ChangedState(subject, name, before, after)], by=by)


def record_changes(changes: Iterable[ChangedState], *, by: Author) -> None:
    """Append an entry for each change, in a constant number of statements."""
    _append(
        by,
        (
            (_action_of(change), *change)
            for change in changes
            if change.before != change.after
        ),
    )


def record_event(
    action: ActivityEntry.Action,
    subject: ActivityEntry.Subject,
    name: str,
    *,
    by: Author,
    details: State = None,
) -> None:
    """Append an entry for an action that changes no state, such as a login.

    Args:
        action: The action.
        subject: The kind of the object.
        name: The name of the object.
        by: The author.
        details: Additional data without secrets.
    """
    _append(by, [(action, subject, name, None, details)])


def record_access(
    action: ActivityEntry.Action,
    subject: ActivityEntry.Subject,
    name: str,
    *,
    by: Author,
    details: State = None,
) -> None:
    """Append an entry for a read, at most once per `ACCESS_INTERVAL`.

    Reading several pages of a room gives one entry. Only the author's latest entries
    are compared, so that the query is fast in a log of any size.
    """
    since = timezone.now() - ACCESS_INTERVAL
    wanted = (str(action), str(subject), storable(name)[:_NAME_LENGTH])
    latest = ActivityEntry.objects.latest_of(_stored_name(by), _LATEST)
    if not any(
        moment >= since and tuple(facts) == wanted
        for moment, *facts in latest.values_list(
            "created_at", "action", "subject", "name"
        )
    ):
        record_event(action, subject, name, by=by, details=details)


def record_ended_tokens(tokens: Iterable[AuthToken], *, by: Author) -> None:
    """Append an entry for each token before it is deleted."""
    record_changes(
        [
            ChangedState(
                ActivityEntry.Subject.TOKEN,
                token_name(token),
                state_of_token(token),
                None,
            )
            for token in tokens
        ],
        by=by,
    )


def token_name(token: AuthToken) -> str:
    """Return the name of a token with its owner."""
    return f"{token.user}: {token}"


def state_of_token(token: AuthToken) -> State:
    """Return the loggable state of a token."""
    return {
        "kind": token.kind,
        "ends with": token.last_part,
        "expires": token.expires_at and f"{token.expires_at:%Y-%m-%d %H:%M} UTC",
        "skips two-factor authentication": token.bypass_two_factor,
        **({"networks": token.networks} if token.networks else {}),
    }


def state_of_role(role: Role) -> State:
    """Return the loggable state of a role, without its permissions."""
    return {
        "name": role.name,
        "description": role.description,
        "scope": role.scope,
        "requires two-factor authentication": role.mandatory_2fa,
    }


def roles_of(user: User) -> State:
    """Return the names of the user's roles, read from the database."""
    names = user.roles.through.objects.filter(user_id=user.pk)
    return {"roles": sorted(names.values_list("role__name", flat=True))}


def _action_of(change: ChangedState) -> ActivityEntry.Action:
    if change.before is None:
        return ActivityEntry.Action.CREATED
    if change.after is None:
        return ActivityEntry.Action.DELETED
    return ActivityEntry.Action.CHANGED


def _append(by: Author, entries: Iterable[tuple[Any, ...]]) -> None:
    """Sign and insert entries. They are sealed right after the commit.

    Args:
        by: The author of the entries.
        entries: Action, subject, name, state before and after of each.
    """
    key = keys()[0]
    author = (
        _stored_name(by),
        by.user.public_id if by.user else "",
        by.address[:_ADDRESS_LENGTH],
    )
    rows = []
    for action, subject, name, before, after in entries:
        content = (
            timezone.now(),
            *author,
            str(action),
            str(subject),
            storable(name)[:_NAME_LENGTH],
            storable(before),
            storable(after),
        )
        rows.append((*content, sign_content(key, content), ""))
    if rows:
        insert_rows(ActivityEntry, (*CONTENT, "signature", "digest"), rows)
        transaction.on_commit(seal_pending, robust=True)


def _stored_name(by: Author) -> str:
    if by.user is not None:
        name = str(by.user)
    else:
        name = command_line() if by.name == COMMAND_LINE.name else by.name
    return str(storable(name))[:_AUTHOR_LENGTH]
