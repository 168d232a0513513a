"""Writes to tokens; the API, the admin and the commands share them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.auth.rights import ensure_may_manage
from accounts.errors import TokenLifetimeError, TokenNameTakenError, TokenNotFoundError
from accounts.models import ActivityEntry, AuthToken, TwoFactorDevice, User
from accounts.models.tokens import LAST_PART_LENGTH, earliest_end, token_digest
from accounts.services.activity import (
    Author,
    State,
    record_change,
    record_ended_tokens,
    state_of_token,
    token_name,
)
from config.db.bulk import in_chunks

_TOKEN_BYTES: Final = 32
"""Make a token of 43 characters (wire-api.md 4.1)."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token with its plain value, which exists nowhere else."""

    token: AuthToken
    plain: str


def issue_token(
    *,
    user: User,
    name: str = "",
    kind: AuthToken.Kind = AuthToken.Kind.PERSONAL,
    expires_at: datetime | None = None,
    bypass_two_factor: bool = False,
    networks: str = "",
    plain: str | None = None,
    by: Author,
) -> IssuedToken:
    """Make a token; the plain value is in the answer and can't be had again.

    Args:
        user: The owner.
        name: Tells the owner's personal access tokens apart.
        kind: A login token or a personal access token.
        expires_at: When it ends; `None` is never.
        bypass_two_factor: Whether it skips the second factor.
        networks: Networks that may use it, as `read_networks` returns them.
        plain: The value to use, for demonstrations; random if left out.
        by: Who issues it.

    Raises:
        TokenNameTakenError: The owner has a personal token of this name.
        TokenLifetimeError: TOKEN_MAX_DAYS allows a shorter lifetime only.
        ActionNotAllowedError: The owner holds more than the actor.
    """
    ensure_may_manage([user], by=by)
    now = timezone.now()
    end = earliest_end(kind, now, expires_at)
    if expires_at is not None and end != expires_at:
        msg = f"A token may live for {settings.TOKEN_MAX_DAYS} days at most."
        raise TokenLifetimeError(msg)
    plain = plain or _new_plain()
    token = AuthToken(
        user=user,
        name=name,
        kind=kind,
        digest=token_digest(plain),
        last_part=plain[-LAST_PART_LENGTH:],
        created_at=now,
        expires_at=end,
        networks=networks,
        bypass_two_factor=bypass_two_factor,
    )
    try:
        with transaction.atomic():
            token.save(force_insert=True)
            _record(token, by, before=None)
    except IntegrityError:
        if not AuthToken.objects.personal(user, name).exists():
            raise
        raise TokenNameTakenError from None
    return IssuedToken(token, plain)


@transaction.atomic
def regenerate_token(*, user: User, name: str, by: Author) -> IssuedToken:
    """Give a personal access token a new value; the old one is dead at once.

    What was decided about the token stays: its expiry and the second factor.

    Raises:
        TokenNotFoundError: The user has no token of this name.
        ActionNotAllowedError: The user holds more than the actor.
    """
    ensure_may_manage([user], by=by)
    token = AuthToken.objects.personal(user, name).select_for_update().first()
    if token is None:
        raise TokenNotFoundError
    before, plain = state_of_token(token), _new_plain()
    token.digest, token.last_part = token_digest(plain), plain[-LAST_PART_LENGTH:]
    token.created_at, token.last_used_at = timezone.now(), None
    token.expires_at = earliest_end(token.kind, token.created_at, token.expires_at)
    token.save()
    _record(token, by, before=before)
    return IssuedToken(token, plain)


def remove_personal_token(*, user: User, name: str, by: Author) -> None:
    """End a personal access token.

    Raises:
        TokenNotFoundError: The user has no token of this name.
    """
    if not end_tokens(AuthToken.objects.personal(user, name), by=by):
        raise TokenNotFoundError


@transaction.atomic
def end_tokens(tokens: QuerySet[AuthToken], *, by: Author) -> int:
    """End the tokens, and return how many there were.

    Raises:
        ActionNotAllowedError: An owner holds more than the actor.
    """
    going = list(tokens.select_for_update(of=("self",)).select_related("user"))
    ensure_may_manage({token.user for token in going}, by=by)
    return _end(going, by=by)


def end_password_logins(users: QuerySet[User], *, by: Author) -> int:
    """End the login tokens of users without a second factor, who need one from now on.

    They can hold more than the actor: it is the changed role that ends the logins.
    """
    protected = TwoFactorDevice.objects.confirmed().values("user")
    logins = AuthToken.objects.filter(kind=AuthToken.Kind.LOGIN, user__in=users)
    going = logins.exclude(user__in=protected).select_for_update(of=("self",))
    return _end(list(going.select_related("user")), by=by)


def _end(going: list[AuthToken], *, by: Author) -> int:
    record_ended_tokens(going, by=by)
    for pks in in_chunks(token.pk for token in going):
        AuthToken.objects.filter(pk__in=pks).delete()
    return len(going)


def prune_tokens() -> int:
    """Delete the tokens whose time is over, and return how many there were."""
    deleted, _rows = AuthToken.objects.expired().delete()
    return deleted


def _new_plain() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)


def _record(token: AuthToken, by: Author, *, before: State) -> None:
    record_change(
        ActivityEntry.Subject.TOKEN,
        token_name(token),
        by=by,
        before=before,
        after=state_of_token(token),
    )
