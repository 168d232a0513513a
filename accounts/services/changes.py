"""Writes to the log of changes; a change and its line commit together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from accounts.models import AuthToken, Change, Role, User
from config.addresses import client_address

State: TypeAlias = dict[str, Any] | None
"""What can be said of a thing at one time; `None` if it does not exist then."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a change, and from which address."""

    user: User | None
    """`None` is whoever runs a command on the server."""
    address: str = ""


COMMAND_LINE: Final = Author(None)


def author_of(request: Any) -> Author:
    """Return who sends the request: Django's own, or one of the API."""
    return Author(request.user, client_address(request))


def record_change(
    subject: Change.Subject, name: str, *, by: Author, before: State, after: State
) -> None:
    """Append a line, unless nothing has changed."""
    if before != after:
        Change.objects.create(
            author=by.user,
            author_name=str(by.user or ""),
            address=by.address,
            subject=subject,
            name=name,
            before=before,
            after=after,
        )


def record_ended_tokens(tokens: Iterable[AuthToken], *, by: Author) -> None:
    """Append a line for each token that is about to go."""
    for token in tokens:
        record_change(
            Change.Subject.TOKEN,
            token_name(token),
            by=by,
            before=state_of_token(token),
            after=None,
        )


def token_name(token: AuthToken) -> str:
    """Return whose token it is, and which."""
    return f"{token.user}: {token}"


def state_of_token(token: AuthToken) -> State:
    """Return what can be told of a token."""
    return {
        "kind": token.kind,
        "ends with": token.last_part,
        "expires": token.expires_at and f"{token.expires_at:%Y-%m-%d %H:%M} UTC",
        "skips the second factor": token.bypass_two_factor,
    }


def state_of_role(role: Role) -> State:
    """Return what can be told of a role, but its permissions."""
    return {
        "name": role.name,
        "description": role.description,
        "scope": role.scope,
        "needs a second factor": role.mandatory_2fa,
    }


def roles_of(user: User) -> State:
    """Return the names of the user's roles, read anew."""
    names = user.roles.through.objects.filter(user_id=user.pk)
    return {"roles": sorted(names.values_list("role__name", flat=True))}
