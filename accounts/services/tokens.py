"""Services that create, regenerate and end tokens."""

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
"""Random bytes of a token; they give 43 characters (wire-api.md 4.1)."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token with its plain value, which is not stored."""

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
    """Create a token. The plain value is only in the return value.

    Args:
        user: The owner.
        name: The name, unique among the owner's personal access tokens.
        kind: A login token or a personal access token.
        expires_at: The expiry time; `None` for no expiry.
        bypass_two_factor: Whether it skips the second factor.
        networks: Networks that may use it, as `read_networks` returns them.
        plain: A fixed value for demo data; random by default.
        by: The author of the change.

    Raises:
        TokenNameTakenError: The owner already has a personal token with this name.
        TokenLifetimeError: The expiry time exceeds TOKEN_MAX_DAYS.
        ActionNotAllowedError: The owner holds a permission that the actor lacks.
    """
    ensure_may_manage([user], by=by)
    now = timezone.now()
    end = earliest_end(kind, now, expires_at)
    if expires_at is not None and end != expires_at:
        msg = f"A token can be valid for at most {settings.TOKEN_MAX_DAYS} days."
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
    """Replace the value of a personal access token. The old value stops working.

    Expiry, networks and the two-factor setting stay the same.

    Raises:
        TokenNotFoundError: The user has no token with this name.
        ActionNotAllowedError: The user has more permissions than the actor.
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
    """Delete a personal access token.

    Raises:
        TokenNotFoundError: The user has no token with this name.
    """
    if not end_tokens(AuthToken.objects.personal(user, name), by=by):
        raise TokenNotFoundError


@transaction.atomic
def end_tokens(tokens: QuerySet[AuthToken], *, by: Author) -> int:
    """Delete tokens and return their number.

    Raises:
        ActionNotAllowedError: An owner holds a permission that the actor lacks.
    """
    selected = list(tokens.select_for_update(of=("self",)).select_related("user"))
    ensure_may_manage({token.user for token in selected}, by=by)
    return _end(selected, by=by)


def end_password_logins(users: QuerySet[User], *, by: Author) -> int:
    """Delete login tokens of users without a second factor after it became required.

    The users may hold more permissions than the actor, because the changed role ends
    the logins.
    """
    protected = TwoFactorDevice.objects.confirmed().values("user")
    logins = AuthToken.objects.filter(kind=AuthToken.Kind.LOGIN, user__in=users)
    selected = logins.exclude(user__in=protected).select_for_update(of=("self",))
    return _end(list(selected.select_related("user")), by=by)


def _end(selected: list[AuthToken], *, by: Author) -> int:
    record_ended_tokens(selected, by=by)
    for pks in in_chunks(token.pk for token in selected):
        AuthToken.objects.filter(pk__in=pks).delete()
    return len(selected)


def prune_tokens() -> int:
    """Delete expired tokens and return their number."""
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
