"""Every service refuses an actor who holds less, whichever page or call asks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest

from accounts.errors import ActionNotAllowedError
from accounts.models import AuthToken, Permission, Role, User
from accounts.permission_names import PermissionName
from accounts.services import permissions, roles, tokens, two_factor, users
from accounts.services.activity import Author
from accounts.services.ended_logins import log_out_everywhere
from accounts.services.passwords import set_password
from tests.conftest import PASSWORD
from tests.factories import (
    AuthTokenFactory,
    RoleFactory,
    TwoFactorDeviceFactory,
    UserFactory,
)

HELD: Final = ["access-permissions", "view-user-administration"]
LACKING: Final = "create-user"


@dataclass(frozen=True)
class Cast:
    """An actor, and people and roles with more permissions."""

    by: Author
    actor: User
    weak: Role
    strong: Role
    victim: User
    """Holds the strong role and the weak one."""
    free: Role
    """Permits as much as the strong role, and nobody holds it."""


@pytest.fixture(params=["admin", "other"])
def cast(request: pytest.FixtureRequest, db: None) -> Cast:
    weak = RoleFactory.create(permissions=HELD[1:])
    free = RoleFactory.create(permissions=[*HELD, LACKING])
    strong = Role.objects.get(public_id="admin")
    if request.param == "other":
        strong = RoleFactory.create(permissions=[*HELD, LACKING])
    UserFactory.create(roles=["admin"]).set_password(PASSWORD)
    actor = UserFactory.create(roles=[RoleFactory.create(permissions=HELD)])
    victim = UserFactory.create(roles=[strong, weak])
    TwoFactorDeviceFactory.create(user=victim)
    AuthTokenFactory.create(user=victim, name="victim's")
    return Cast(Author(actor), actor, weak, strong, victim, free)


def token_of(cast: Cast) -> AuthToken:
    return AuthToken.objects.get(user=cast.victim)


def remove_from_role(cast: Cast) -> None:
    """Withdraw a permission that the actor holds from a role that permits more."""
    held = set(cast.strong.permissions.values_list("name", flat=True))
    names = held - {PermissionName.VIEW_USER_ADMINISTRATION}
    permissions.set_role_permissions(role=cast.strong, names=names, by=cast.by)


def remove_role(cast: Cast) -> None:
    """Do the same from the side of the permission."""
    holders = Permission.objects.get(name="view-user-administration").roles
    kept = holders.exclude(pk=cast.strong.pk).values_list("public_id", flat=True)
    lists = {"view-user-administration": list(kept)}
    permissions.set_permission_roles(lists=lists, by=cast.by)


def permit(cast: Cast) -> None:
    """Add a permission that the actor lacks to a role, from its side."""
    holders = Permission.objects.get(name=LACKING).roles
    kept = holders.values_list("public_id", flat=True)
    lists = {LACKING: [*kept, cast.weak.public_id]}
    permissions.set_permission_roles(lists=lists, by=cast.by)


ACTS: Final[dict[str, Callable[[Cast], object]]] = {
    "give a stronger role": lambda cast: roles.grant_role(
        user=cast.actor, role=cast.strong, by=cast.by
    ),
    "give a stronger user a role": lambda cast: roles.grant_role(
        user=cast.victim, role=Role.objects.get(public_id="user"), by=cast.by
    ),
    "take a stronger role": lambda cast: roles.revoke_role(
        user=cast.actor, role=cast.strong, by=cast.by
    ),
    "take a role from a stronger user": lambda cast: roles.revoke_role(
        user=cast.victim, role=cast.weak, by=cast.by
    ),
    "change a stronger role": lambda cast: roles.update_role(
        role=cast.strong, description="changed", by=cast.by
    ),
    "delete a stronger role": lambda cast: roles.delete_role(
        role=cast.free, by=cast.by
    ),
    "permit a role more": lambda cast: permissions.set_role_permissions(
        role=cast.weak, names=[*HELD[1:], LACKING], by=cast.by
    ),
    "permit a stronger role less": remove_from_role,
    "give a permission to a role": permit,
    "take a permission from a stronger role": remove_role,
    "create a stronger user": lambda cast: users.create_user(
        username="made", password=None, roles=[cast.strong], by=cast.by
    ),
    "activate": lambda cast: users.set_active(
        users=[cast.victim], is_active=True, by=cast.by
    ),
    "deactivate": lambda cast: users.set_active(
        users=[cast.victim], is_active=False, by=cast.by
    ),
    "delete a user": lambda cast: users.delete_users(users=[cast.victim], by=cast.by),
    "set a password": lambda cast: set_password(
        user=cast.victim, password="known to the actor", by=cast.by
    ),
    "log out": lambda cast: log_out_everywhere(users=[cast.victim], by=cast.by),
    "issue a token": lambda cast: tokens.issue_token(
        user=cast.victim, name="new", by=cast.by
    ),
    "renew a token": lambda cast: tokens.regenerate_token(
        user=cast.victim, name="victim's", by=cast.by
    ),
    "end a token": lambda cast: tokens.end_tokens(
        AuthToken.objects.filter(user=cast.victim), by=cast.by
    ),
    "reset a second factor": lambda cast: two_factor.reset_two_factor(
        user=cast.victim, by=cast.by
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_who_holds_less_is_refused(cast: Cast, act: str) -> None:
    digest = token_of(cast).digest

    with pytest.raises(ActionNotAllowedError, match="yourself"):
        ACTS[act](cast)

    assert token_of(cast).digest == digest
    assert cast.victim.roles.count() == 2
    assert cast.actor.roles.count() == 1


def test_the_role_admin_is_beyond_others_whatever_it_permits(cast: Cast) -> None:
    admin = Role.objects.get(public_id="admin")
    Permission.roles.through.objects.filter(role=admin).delete()
    victim = UserFactory.create(roles=[admin])

    with pytest.raises(ActionNotAllowedError, match="assign-admin-role"):
        roles.grant_role(user=cast.actor, role=admin, by=cast.by)
    with pytest.raises(ActionNotAllowedError, match="assign-admin-role"):
        tokens.issue_token(user=victim, name="new", by=cast.by)
