"""Writes to users; whoever loses access loses the logins with it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.models import AuthToken, User
from accounts.services.roles import ensure_admin_without


@transaction.atomic
def set_active(*, users: Iterable[User], is_active: bool) -> None:
    """Activate the users, or deactivate them and end their logins.

    Raises:
        AdminRequiredError: No active admin would be left.
    """
    users = list(users)
    if not is_active:
        ensure_admin_without(users)
        AuthToken.objects.filter(user__in=users, kind=AuthToken.Kind.LOGIN).delete()
    User.objects.filter(pk__in=[user.pk for user in users]).update(
        is_active=is_active, updated_at=timezone.now()
    )


@transaction.atomic
def set_password(*, user: User, password: str | None) -> None:
    """Set the password, or take it away; the user's logins end."""
    user.set_password(password)
    user.updated_at = timezone.now()
    user.save(update_fields=["password", "updated_at"])
    AuthToken.objects.filter(user=user, kind=AuthToken.Kind.LOGIN).delete()


@transaction.atomic
def delete_users(*, users: Iterable[User]) -> None:
    """Delete the users with their tokens; what they imported stays.

    Raises:
        AdminRequiredError: No active admin would be left.
    """
    users = list(users)
    ensure_admin_without(users)
    User.objects.filter(pk__in=[user.pk for user in users]).delete()
