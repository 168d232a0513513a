"""Query sets of users, roles, permissions, tokens and the activity log."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from accounts.permission_names import ORDINARY_ROLES, PRIVILEGED_PERMISSIONS
from config.db.clock import midnight
from config.db.lower_in import LowerIn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import (
        ActivityEntry,
        AuthToken,
        DeletedRole,
        IdempotentCall,
        Permission,
        Role,
        TwoFactorDevice,
        UnusedPermission,
        User,
    )


class UserQuerySet(models.QuerySet["User"]):
    """Queries for users."""

    def for_wire(self) -> Self:
        """Prefetch the relations that API responses contain."""
        return self.prefetch_related("emails", "roles", "import_ids")

    def with_first_address(self) -> Self:
        """Annotate users with their alphabetically first e-mail address, to sort by.

        It is empty for users without one, so that all databases sort them first.
        """
        addresses = apps.get_model("accounts", "EmailAddress").objects.filter(
            user_id=OuterRef("pk")
        )
        first = (
            addresses.annotate(key=Lower("address")).order_by("key").values("key")[:1]
        )
        return self.alias(first_address=Coalesce(Subquery(first), Value("")))

    def named(self, username: str) -> Self:
        """Return users with this username, ignoring case (at most one)."""
        return self.alias(key=Lower("username")).filter(key=Lower(Value(username)))

    def named_any(self, usernames: Iterable[str]) -> Self:
        """Return users with one of these usernames, ignoring case."""
        return self.filter(LowerIn("username", set(usernames)))

    def from_username(self, text: str) -> Self:
        """Return users in the order of usernames, from this text on, ignoring case.

        Users whose username begins with the text come first. The index has this order,
        so a slice reads few rows.
        """
        keys = self.alias(key=Lower("username"))
        return keys.filter(key__gte=Lower(Value(text))).order_by("key")

    def from_name(self, text: str) -> Self:
        """Return users in the order of names, from this text on, ignoring case."""
        keys = self.alias(key=Lower("name"))
        return keys.filter(key__gte=Lower(Value(text))).order_by("key")

    def privileged(self) -> Self:
        """Return users with any permission beyond those of ordinary roles.

        Imports never change these users and match them only after confirmation.
        """
        return self.filter(self.is_privileged("pk"))

    def able_to_log_in(self) -> Self:
        """Return active users with a password or a usable personal access token."""
        tokens = (
            apps.get_model("accounts", "AuthToken")
            .objects.usable()
            .filter(user_id=OuterRef("pk"), kind="personal")
        )
        unusable = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        return self.filter(~unusable | Exists(tokens), is_active=True)

    def mailable(self, permission: str) -> Self:
        """Return users who may receive e-mail about data that requires a permission.

        They are active users with a password and the permission, and the owner or an
        administrator confirmed one of their addresses. An import sets no password and
        confirms no address, so users created by an import are never among them.
        """
        unusable = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        held = self.model.roles.through._default_manager.filter(
            user_id=OuterRef("pk"),
            role__scope="Users",
            role__permissions__name=permission,
        )
        addresses = (
            apps.get_model("accounts", "EmailAddress")
            .objects.filter(user_id=OuterRef("pk"), verified=True)
            .order_by("id")
        )
        return self.filter(
            ~unusable, Exists(held), Exists(addresses), is_active=True, kind="user"
        ).annotate(confirmed_address=Subquery(addresses.values("address")[:1]))

    def is_privileged(self, user_id: str) -> Exists:
        """Return the condition that the user in an outer column is privileged."""
        extra_role = ~Q(role__public_id__in=ORDINARY_ROLES)
        extra_permission = Q(role__permissions__name__in=PRIVILEGED_PERMISSIONS)
        held = self.model.roles.through._default_manager.filter(
            user_id=OuterRef(user_id)
        )
        return Exists(held.filter(extra_role | extra_permission))

    def for_session(self) -> Self:
        """Load users with the data that the second-factor check needs."""
        demanding = self.model.roles.through.objects.filter(
            user=OuterRef("pk"), role__scope="Users", role__mandatory_2fa=True
        )
        return self.select_related("two_factor_device").annotate(
            demands_two_factors=Exists(demanding)
        )

    def with_pending_avatar(self) -> Self:
        """Return users whose avatar is not downloaded yet, except privileged users."""
        return self.exclude(pending_avatar_url="").exclude(self.is_privileged("pk"))

    def identified(
        self,
        *,
        username: str | None = None,
        email: str | None = None,
        public_id: str | None = None,
        import_id: str | None = None,
    ) -> Self:
        """Return users by the first given key; an empty query set without any key.

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
    """Queries for roles."""

    def find_by_id_or_name(self, text: str) -> Role | None:
        """Return the role with this ID, else the one with this name, if any."""
        return self.filter(public_id=text).first() or self.filter(name=text).first()

    def changed_after(self, moment: datetime) -> Self:
        """Return roles that were changed after a time."""
        return self.filter(updated_at__gt=moment)

    def of_accounts(self) -> Self:
        """Return roles with the scope of the whole server."""
        return self.filter(scope="Users")

    def public(self) -> Self:
        """Return the roles that all users may see with their holders.

        They have a description, as in Rocket.Chat. Of the built-in roles, only admin
        is one of them, because the others say nothing about a person.
        """
        return self.of_accounts().filter(
            ~Q(description=""), Q(protected=False) | Q(public_id="admin")
        )

    def holders(self) -> models.QuerySet[Any, Any]:
        """Return the ID of each role with the ID and username of each holder.

        They are in the order of usernames; holders without a username are omitted.
        """
        held = self.model.users.through._default_manager.filter(
            role__in=self.order_by(), user__username__isnull=False
        )
        return held.order_by("user__username", "user", "role__public_id").values_list(
            "role__public_id", "user__public_id", "user__username"
        )

    def privileged(self) -> Self:
        """Return roles that are not ordinary or have a privileged permission."""
        carries_more = Q(permissions__name__in=PRIVILEGED_PERMISSIONS)
        return self.filter(~Q(public_id__in=ORDINARY_ROLES) | carries_more)

    def requiring_two_factor(self, user: User) -> Self:
        """Return the user's roles that require a second factor."""
        return self.filter(users=user, scope="Users", mandatory_2fa=True)

    def with_counts(self) -> Self:
        """Annotate roles with the number of holders and permissions."""
        return self.annotate(
            holder_count=Count("users", distinct=True),
            permission_count=Count("permissions", distinct=True),
        )


class DeletedRoleQuerySet(models.QuerySet["DeletedRole"]):
    """Queries for deleted roles."""

    def deleted_after(self, moment: datetime) -> Self:
        """Return roles that were deleted after a time, in this order."""
        return self.filter(deleted_at__gt=moment).order_by("deleted_at", "id")


class PermissionQuerySet(models.QuerySet["Permission"]):
    """Queries for permissions."""

    def for_wire(self) -> Self:
        """Return permissions by name, with their roles prefetched."""
        return self.prefetch_related("roles").order_by("name")

    def changed_after(self, moment: datetime) -> Self:
        """Return permissions whose roles changed after a time."""
        return self.filter(updated_at__gt=moment)

    def held_by(self, user_id: int | OuterRef) -> Self:
        """Return the permissions that a user holds through roles.

        Roles of single rooms are ignored (wire-api.md 5).
        """
        return self.filter(roles__users=user_id, roles__scope="Users").distinct()


class UnusedPermissionQuerySet(models.QuerySet["UnusedPermission"]):
    """Queries for permissions without effect."""

    def for_wire(self) -> Self:
        """Return permissions by name, with their roles prefetched."""
        return self.prefetch_related("roles").order_by("name")

    def changed_after(self, moment: datetime) -> Self:
        """Return permissions whose roles changed after a time."""
        return self.filter(updated_at__gt=moment)

    def grantable_by(self, user_id: int) -> Self:
        """Return permissions that the user or the ordinary roles hold."""
        is_held = Q(roles__users=user_id) | Q(roles__public_id__in=ORDINARY_ROLES)
        return self.filter(is_held, roles__scope="Users").distinct()


class AuthTokenQuerySet(models.QuerySet["AuthToken"]):
    """Queries for tokens."""

    def usable(self) -> Self:
        """Return tokens that have not expired."""
        return self.exclude(_has_expired())

    def valid_among(self, pks: Iterable[int]) -> Self:
        """Filter tokens with these keys that their users can still use."""
        return self.usable().filter(pk__in=pks, user__is_active=True)

    def expired(self) -> Self:
        """Return expired tokens."""
        return self.filter(_has_expired())

    def personal(self, user: User, name: str) -> Self:
        """Return the user's personal access token with this name (at most one)."""
        return self.filter(user=user, kind="personal", name=name)

    def personal_of(self, user: User) -> Self:
        """Return the user's personal access tokens, oldest first."""
        return self.filter(user=user, kind="personal").order_by("created_at", "id")

    def expiring_before(self, moment: datetime) -> Self:
        """Return usable tokens that expire before a time, soonest first."""
        return self.usable().filter(expires_at__lt=moment).order_by("expires_at")

    def for_display(self) -> Self:
        """Return tokens with their owners, newest first."""
        return self.select_related("user").order_by(
            F("created_at").desc(), F("id").desc()
        )


class IdempotentCallQuerySet(models.QuerySet["IdempotentCall"]):
    """Queries for calls with an idempotency key."""

    def claimed(self, call: IdempotentCall) -> Self:
        """Return the call if it is not complete and no other process has claimed it."""
        return self.filter(pk=call.pk, claim=call.claim, status=None)

    def created_before(self, moment: datetime) -> Self:
        """Return calls that were first made before a time."""
        return self.filter(created_at__lt=moment)


class ActivityEntryQuerySet(models.QuerySet["ActivityEntry"]):
    """Queries for activity log entries."""

    def pending(self, *, after: int = 0) -> Self:
        """Return unsealed entries, ordered by ID."""
        return self.filter(sequence=None, pk__gt=after).order_by("pk")

    def sealed(self, *, after: int | None = None, up_to: int | None = None) -> Self:
        """Return sealed entries in the order of the chain."""
        entries = self.filter(sequence__isnull=False).order_by("sequence")
        if after is not None:
            entries = entries.filter(sequence__gt=after)
        if up_to is not None:
            entries = entries.filter(sequence__lte=up_to)
        return entries

    def latest_of(self, author_name: str, limit: int) -> Self:
        """Return the latest entries of an author, newest first."""
        return self.filter(author_name=author_name).order_by("-pk")[:limit]

    def last_sequence(self) -> int | None:
        """Return the highest number, or `None` if no entry is sealed."""
        sequences = self.sealed().values_list("sequence", flat=True)
        return sequences.order_by("-sequence").first()

    def on_days(self, first: date | None, last: date | None) -> Self:
        """Return entries between two days in UTC, inclusive."""
        entries = self
        if first is not None:
            entries = entries.filter(created_at__gte=midnight(first))
        if last is not None and last < date.max:
            entries = entries.filter(created_at__lt=midnight(last + timedelta(days=1)))
        return entries


class TwoFactorDeviceQuerySet(models.QuerySet["TwoFactorDevice"]):
    """Queries and guarded updates of two-factor devices."""

    def confirmed(self) -> Self:
        """Return devices that were confirmed with a first code."""
        return self.exclude(confirmed_at=None)

    def count_attempt(self, device: TwoFactorDevice, now: datetime) -> bool:
        """Count an attempt before its code is checked.

        Returns:
            False if another attempt was counted in the meantime.
        """
        rows = self.filter(pk=device.pk, failures=device.failures).update(
            failures=F("failures") + 1, last_attempt_at=now
        )
        return rows == 1

    def accept_step(self, device: TwoFactorDevice, step: int) -> bool:
        """Record an accepted code. Return False if it was already used."""
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
