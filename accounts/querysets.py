"""Reads over accounts: who somebody is, and what they may do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.permission_names import ORDINARY_ROLES, PRIVILEGED_PERMISSIONS
from config.db.clock import midnight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import (
        ActivityEntry,
        AuthToken,
        Permission,
        Role,
        TwoFactorDevice,
        User,
    )


class UserQuerySet(models.QuerySet["User"]):
    """Look-ups of users."""

    def for_wire(self) -> Self:
        """Users with what an answer shows of them."""
        return self.prefetch_related("emails", "roles", "import_ids")

    def named(self, username: str) -> Self:
        """Users of this name, ignoring case: at most one."""
        return self.alias(key=Lower("username")).filter(key=Lower(Value(username)))

    def named_any(self, usernames: Iterable[str]) -> Self:
        """Users of one of these names, ignoring case."""
        keys = [Lower(Value(username)) for username in set(usernames)]
        return self.alias(key=Lower("username")).filter(key__in=keys)

    def privileged(self) -> Self:
        """Users who hold any right beyond an ordinary user's, guest's or bot's.

        Imports neither change these users nor attach to them unconfirmed.
        """
        return self.filter(self.is_privileged("pk"))

    def able_to_log_in(self) -> Self:
        """Active users with a password or a personal access token that counts."""
        tokens = (
            apps.get_model("accounts", "AuthToken")
            .objects.usable()
            .filter(user_id=OuterRef("pk"), kind="personal")
        )
        unusable = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        return self.filter(~unusable | Exists(tokens), is_active=True)

    def is_privileged(self, user_id: str) -> Exists:
        """Return the condition that the user of an outer column is privileged."""
        extra_role = ~Q(role__public_id__in=ORDINARY_ROLES)
        extra_permission = Q(role__permissions__name__in=PRIVILEGED_PERMISSIONS)
        held = self.model.roles.through._default_manager.filter(
            user_id=OuterRef(user_id)
        )
        return Exists(held.filter(extra_role | extra_permission))

    def for_session(self) -> Self:
        """Users with what tells whether a browser session is open to them."""
        demanding = self.model.roles.through.objects.filter(
            user=OuterRef("pk"), role__scope="Users", role__mandatory_2fa=True
        )
        return self.select_related("two_factor_device").annotate(
            demands_two_factors=Exists(demanding)
        )

    def with_pending_avatar(self) -> Self:
        """Users whose avatar is still to be downloaded; never a privileged user's."""
        return self.exclude(pending_avatar_url="").exclude(self.is_privileged("pk"))

    def identified(
        self,
        *,
        username: str | None = None,
        email: str | None = None,
        public_id: str | None = None,
        import_id: str | None = None,
    ) -> Self:
        """Users found by the first of these that is given; none if none is.

        Names and addresses ignore case.
        """
        if username:
            return self.named(username)
        if email:
            addresses = self.alias(key=Lower("emails__address"))
            return addresses.filter(key=Lower(Value(email)))
        if public_id:
            return self.filter(public_id=public_id)
        if import_id:
            return self.filter(import_ids__value=import_id)
        return self.none()


class RoleQuerySet(models.QuerySet["Role"]):
    """Look-ups of roles."""

    def called(self, text: str) -> Role | None:
        """Return the role with this id, else the one with this name, if any."""
        return self.filter(public_id=text).first() or self.filter(name=text).first()

    def of_accounts(self) -> Self:
        """Roles that an account can hold, unlike those that count in one room."""
        return self.filter(scope="Users")

    def privileged(self) -> Self:
        """Roles beyond the ordinary ones, and ordinary ones that carry more."""
        carries_more = Q(permissions__name__in=PRIVILEGED_PERMISSIONS)
        return self.filter(~Q(public_id__in=ORDINARY_ROLES) | carries_more)

    def demanding_two_factors(self, user: User) -> Self:
        """Roles of the user's account that demand a second factor."""
        return self.filter(users=user, scope="Users", mandatory_2fa=True)

    def with_counts(self) -> Self:
        """Count who holds each role, and what it permits."""
        return self.annotate(
            holder_count=Count("users", distinct=True),
            permission_count=Count("permissions", distinct=True),
        )


class PermissionQuerySet(models.QuerySet["Permission"]):
    """Look-ups of permissions."""

    def for_wire(self) -> Self:
        """Permissions by name, with their roles."""
        return self.prefetch_related("roles").order_by("name")

    def held_by(self, user_id: int | OuterRef) -> Self:
        """Permissions that some role of the account has in its list.

        Roles inside one room never count here (wire-api.md 5).
        """
        return self.filter(roles__users=user_id, roles__scope="Users").distinct()


class AuthTokenQuerySet(models.QuerySet["AuthToken"]):
    """Look-ups of tokens."""

    def usable(self) -> Self:
        """Tokens that still work."""
        return self.exclude(_has_expired())

    def expired(self) -> Self:
        """Tokens that no longer work."""
        return self.filter(_has_expired())

    def personal(self, user: User, name: str) -> Self:
        """The user's personal access tokens of this name: at most one."""
        return self.filter(user=user, kind="personal", name=name)

    def personal_of(self, user: User) -> Self:
        """The user's personal access tokens, the oldest first."""
        return self.filter(user=user, kind="personal").order_by("created_at", "id")

    def expiring_before(self, moment: datetime) -> Self:
        """Usable tokens that expire before the moment, the soonest first."""
        return self.usable().filter(expires_at__lt=moment).order_by("expires_at")

    def for_display(self) -> Self:
        """Tokens with their owners, the newest first."""
        return self.select_related("user").order_by(
            F("created_at").desc(), F("id").desc()
        )


class ActivityEntryQuerySet(models.QuerySet["ActivityEntry"]):
    """Look-ups in the activity log."""

    def pending(self, *, after: int = 0) -> Self:
        """Entries without a number, in the order of their IDs."""
        return self.filter(sequence=None, pk__gt=after).order_by("pk")

    def sealed(self, *, after: int | None = None, up_to: int | None = None) -> Self:
        """Entries with a number, in the order of the chain."""
        entries = self.filter(sequence__isnull=False).order_by("sequence")
        if after is not None:
            entries = entries.filter(sequence__gt=after)
        if up_to is not None:
            entries = entries.filter(sequence__lte=up_to)
        return entries

    def latest_of(self, author_name: str, limit: int) -> Self:
        """The latest entries of an author, the newest first."""
        return self.filter(author_name=author_name).order_by("-pk")[:limit]

    def last_sequence(self) -> int | None:
        """Return the highest number; `None` if there is no numbered entry."""
        sequences = self.sealed().values_list("sequence", flat=True)
        return sequences.order_by("-sequence").first()

    def on_days(self, first: date | None, last: date | None) -> Self:
        """Entries of these days in UTC, both included."""
        entries = self
        if first is not None:
            entries = entries.filter(created_at__gte=midnight(first))
        if last is not None and last < date.max:
            entries = entries.filter(created_at__lt=midnight(last + timedelta(days=1)))
        return entries


class TwoFactorDeviceQuerySet(models.QuerySet["TwoFactorDevice"]):
    """Look-ups and guarded updates of authenticator apps."""

    def confirmed(self) -> Self:
        """Devices that proved once that they have the secret."""
        return self.exclude(confirmed_at=None)

    def count_attempt(self, device: TwoFactorDevice, now: datetime) -> bool:
        """Count an attempt before its code is checked, so that none is free.

        False means that another attempt came in between.
        """
        rows = self.filter(pk=device.pk, failures=device.failures).update(
            failures=F("failures") + 1, last_attempt_at=now
        )
        return rows == 1

    def accept_step(self, device: TwoFactorDevice, step: int) -> bool:
        """Record an accepted code; False means that it was accepted before."""
        rows = self.filter(pk=device.pk, last_step__lt=step).update(
            last_step=step, failures=0
        )
        return rows == 1


def _has_expired() -> Q:
    """Return the condition of `AuthToken.has_expired`."""
    now = timezone.now()
    over = Q(expires_at__isnull=False, expires_at__lte=now)
    if days := settings.TOKEN_MAX_DAYS:
        over |= Q(kind="personal", created_at__lte=now - timedelta(days=days))
    if days := settings.TOKEN_UNUSED_DAYS:
        limit = now - timedelta(days=days)
        over |= Q(last_used_at__isnull=False, last_used_at__lte=limit)
        over |= Q(last_used_at=None, created_at__lte=limit)
    return over
