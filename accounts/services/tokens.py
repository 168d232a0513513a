"""Writes to tokens; the API, the admin and the commands share them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from accounts.errors import TokenNameTakenError
from accounts.models import AuthToken, User
from accounts.models.tokens import LAST_PART_LENGTH, token_digest

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
    plain: str | None = None,
) -> IssuedToken:
    """Make a token; the plain value is in the answer and can't be had again.

    Args:
        user: The owner.
        name: Tells the owner's personal access tokens apart.
        kind: A login token or a personal access token.
        expires_at: When it ends; `None` is never.
        bypass_two_factor: Whether it skips the second factor.
        plain: The value to use, for demonstrations; random if left out.

    Raises:
        TokenNameTakenError: The owner has a personal token of this name.
    """
    plain = plain or secrets.token_urlsafe(_TOKEN_BYTES)
    token = AuthToken(
        user=user,
        name=name,
        kind=kind,
        digest=token_digest(plain),
        last_part=plain[-LAST_PART_LENGTH:],
        expires_at=expires_at,
        bypass_two_factor=bypass_two_factor,
    )
    try:
        with transaction.atomic():
            token.save(force_insert=True)
    except IntegrityError:
        taken = AuthToken.objects.filter(user=user, name=name, kind=kind)
        if not taken.exists():
            raise
        msg = "A token with this name already exists"
        raise TokenNameTakenError(msg) from None
    return IssuedToken(token, plain)


def delete_token(token_id: int) -> None:
    """End a token; ending it twice is no error."""
    AuthToken.objects.filter(pk=token_id).delete()
