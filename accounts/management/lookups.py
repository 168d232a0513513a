"""Look up users, roles and tokens from command arguments, with suggestions."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from accounts.errors import RoleNotFoundError, TokenNotFoundError, UserNotFoundError
from accounts.models import AuthToken, Role, User


def find_user(username: str) -> User:
    """Return the user with this username, ignoring case.

    Raises:
        UserNotFoundError: No user has this username.
    """
    user: User | None = User.objects.named(username).first()
    if user is None:
        names = User.objects.exclude(username=None).values_list("username", flat=True)
        msg = f"There is no user named {username!r}.{_suggest(username, names)}"
        raise UserNotFoundError(msg)
    return user


def find_role(name: str) -> Role:
    """Return the role with this name, ignoring case.

    Raises:
        RoleNotFoundError: No role has this name.
    """
    role = Role.objects.filter(name__iexact=name).first()
    if role is None:
        names = Role.objects.values_list("name", flat=True)
        msg = f"There is no role named {name!r}.{_suggest(name, names)}"
        raise RoleNotFoundError(msg)
    return role


def find_personal_token(user: User, name: str) -> AuthToken:
    """Return the user's personal access token with this name.

    Raises:
        TokenNotFoundError: The user has no token with this name.
    """
    personal = AuthToken.objects.filter(user=user, kind=AuthToken.Kind.PERSONAL)
    token = personal.filter(name=name).first()
    if token is None:
        names = personal.values_list("name", flat=True)
        msg = f"{user} has no token named {name!r}.{_suggest(name, names)}"
        raise TokenNotFoundError(msg)
    return token


def find_token_by_end(user: User, last_part: str) -> AuthToken:
    """Return the user's token of any kind with these last characters.

    Raises:
        TokenNotFoundError: No token, or more than one token, has this end.
    """
    tokens = list(AuthToken.objects.filter(user=user, last_part=last_part)[:2])
    if len(tokens) != 1:
        number = "more than one token" if tokens else "no token"
        msg = f"{user} has {number} ending with {last_part!r}. Run list_tokens."
        raise TokenNotFoundError(msg)
    return tokens[0]


def _suggest(wrong: str, names: Iterable[str | None]) -> str:
    near = get_close_matches(wrong, [name for name in names if name], n=3)
    return f" Did you mean {' or '.join(near)}?" if near else ""
