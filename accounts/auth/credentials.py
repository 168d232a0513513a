"""Authentication of API headers: one query for the token, user and permissions."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, TypeAlias

from django.conf import settings
from django.db.models import F, OuterRef, QuerySet, TextField, Value
from django.utils import timezone

from accounts.auth.networks import is_within
from accounts.backends import remember_permission_names
from accounts.models import AuthToken, Permission, User
from accounts.models.tokens import token_digest
from config.db.clock import in_utc
from config.db.statements import Joined, Parameter, Statement

VersionBuilder: TypeAlias = Callable[[], Joined]

_USER_FIELDS: Final = ("id", "public_id", "username", "is_active")
_LAST_USED_PRECISION: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The user and token of valid API headers."""

    user: User
    token_id: int
    last_used_at: datetime | None
    bypasses_two_factor: bool
    version: str | None
    """The result of a `VersionBuilder` from the same query."""

    def record_use(self) -> None:
        """Update the token's time of last use, at most once a minute."""
        now = timezone.now()
        if self.last_used_at and now - self.last_used_at < _LAST_USED_PRECISION:
            return
        AuthToken.objects.filter(pk=self.token_id).update(last_used_at=now)


def find_credentials(
    user_id: str,
    token: str,
    version: VersionBuilder | None = None,
    *,
    address: Callable[[], str],
) -> Credentials | None:
    """Return the credentials of a pair of headers, or `None` if it is not valid.

    One query finds the token by its digest. The owner must match the user ID and be
    active, and the token must be unexpired and allowed from the caller's network
    (wire-api.md 4.1).

    Args:
        user_id: The value of X-User-Id.
        token: The plain value of X-Auth-Token.
        version: Builds an additional expression for the same query.
        address: Returns the caller's address; called for restricted tokens only.
    """
    rows = credentials_statement(version).rows(digest=token_digest(token))
    if not rows:
        return None
    [(token_id, kind, created_at, expires_at, last_used_at, *more)] = rows
    bypasses, networks, names, computed, *values = more
    user = User.from_db(None, _USER_FIELDS, values)
    if not hmac.compare_digest(user.public_id.encode(), user_id.encode()):
        return None
    last_used_at = last_used_at and in_utc(last_used_at)
    if not user.is_active or _is_over(kind, created_at, expires_at, last_used_at):
        return None
    if networks and not is_within(address(), networks):
        return None
    remember_permission_names(user, frozenset(names.split(",") if names else ()))
    return Credentials(user, token_id, last_used_at, bool(bypasses), computed)


def _is_over(
    kind: str,
    created_at: datetime,
    expires_at: datetime | None,
    last_used_at: datetime | None,
) -> bool:
    """Return `AuthToken.has_expired` from raw column values."""
    if expires_at and in_utc(expires_at) <= timezone.now():
        return True
    if not (settings.TOKEN_MAX_DAYS or settings.TOKEN_UNUSED_DAYS):
        return False
    return AuthToken(
        kind=kind, created_at=in_utc(created_at), last_used_at=last_used_at
    ).has_expired


@cache
def credentials_statement(version: VersionBuilder | None) -> Statement:
    """Return the compiled query of a version builder."""
    held = Permission.objects.held_by(OuterRef("user_id"))

    def build() -> QuerySet[AuthToken, Any]:
        tokens: QuerySet[AuthToken, Any] = (
            AuthToken.objects.filter(digest=Parameter("digest"))
            .order_by()
            .annotate(
                names=Joined(held.order_by().annotate(value=F("name")).values("value")),
                version=version() if version else Value(None, TextField()),
            )
            .values_list(
                "id",
                "kind",
                "created_at",
                "expires_at",
                "last_used_at",
                "bypass_two_factor",
                "networks",
                "names",
                "version",
                *(f"user__{field}" for field in _USER_FIELDS),
            )
        )
        return tokens

    return Statement(build)
