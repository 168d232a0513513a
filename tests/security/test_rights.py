"""Nobody gains a permission that they were not given, in any number of steps."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.auth.rights import everybodys
from accounts.errors import ActionNotAllowedError
from accounts.models import AuthToken, Permission, Role, User
from accounts.models.tokens import token_digest
from accounts.permission_names import PermissionName
from accounts.services.activity import Author
from accounts.services.two_factor import reset_two_factor
from imports_app.services.operations import create_operation
from imports_app.transitions import Actor
from tests.conftest import PASSWORD, ApiClient
from tests.factories import AuthTokenFactory, RoleFactory, UserFactory
from tests.security.conftest import Attacks
from tests.working import work

KNOWN = "a password of the attacker 1!"
ROUNDS = 2
LOOK_EVERY = 30
OTHERS = [name for name in PermissionName if name != PermissionName.ASSIGN_ADMIN_ROLE]
TOKEN = re.compile(r"X-Auth-Token: ([\w-]{43})|\"token\":\"([\w-]{43})\"")


@dataclass
class Cast:
    """The attacker with one permission, and people with more."""

    attacker: User
    own: Role
    strong: Role
    admin: User
    manager: User
    plain: User
    tokens: set[str] = field(default_factory=set)
    """Plain values that the attacker got to see."""

    def controlled(self) -> list[User]:
        """Return the accounts that the attacker can act as."""
        digests = [token_digest(token) for token in self.tokens]
        by_token = set(
            AuthToken.objects.filter(digest__in=digests).values_list(
                "user_id", flat=True
            )
        )
        return [
            user
            for user in User.objects.all()
            if user.pk == self.attacker.pk
            or user.pk in by_token
            or (user.has_usable_password() and user.check_password(KNOWN))
        ]


def cast_with(*permissions: str) -> Cast:
    """Return a new cast."""
    own = RoleFactory.create(name="own", permissions=permissions)
    strong = RoleFactory.create(name="strong", permissions=OTHERS)
    people = {
        name: UserFactory.create(username=name, roles=[role])
        for name, role in (("boss", "admin"), ("manager", strong), ("paula", "user"))
    }
    for person in people.values():
        person.set_password(PASSWORD)
        person.save()
        AuthTokenFactory.create(user=person, plain=f"token-of-{person.username}")
    return Cast(
        attacker=UserFactory.create(username="mallory", roles=[own]),
        own=own,
        strong=strong,
        admin=people["boss"],
        manager=people["manager"],
        plain=people["paula"],
    )


def acts_by_api(api: ApiClient, cast: Cast) -> Iterator[Any]:
    """Yield the answer of every call that changes rights."""
    yield api.post("roles.create", {"name": "mine"})
    roles = [role.public_id for role in Role.objects.all()]
    for role in roles:
        for user in (cast.attacker, cast.plain):
            grant = {"roleId": role, "username": user.username}
            yield api.post("roles.addUserToRole", grant)
        yield api.post(
            "users.create",
            {
                "username": f"made-{User.objects.count()}",
                "name": "Made",
                "email": f"made{User.objects.count()}@example.org",
                "password": KNOWN,
                "roles": [role],
            },
        )
        yield api.post("roles.update", {"roleId": role, "mandatory2fa": False})
    for user in (cast.admin, cast.manager):
        for held in user.roles.all():
            revocation = {"roleId": held.public_id, "username": user.username}
            yield api.post("roles.removeUserFromRole", revocation)
        yield api.post("users.delete", {"username": user.username})
    for permission in Permission.objects.all():
        holders = {role.public_id for role in permission.roles.all()}
        for role in (cast.own.public_id, "user"):
            lists = [{"_id": permission.name, "roles": [*holders | {role}]}]
            yield api.post("permissions.update", {"permissions": lists})
    yield api.post("roles.delete", {"roleId": "strong"})
    yield api.post("users.generatePersonalAccessToken", {"tokenName": "own"})
    yield api.post("import.new")
    for number, role in enumerate(roles):
        pushed = {
            "username": f"pushed-{number}",
            "emails": [f"pushed{number}@example.org"],
            "importIds": [f"P{number}"],
            "roles": [role],
            "password": KNOWN,
        }
        yield api.post("import.addUsers", {"users": [pushed]})
    yield api.post("import.run")


def acts_by_browser(browser: Client, cast: Cast) -> Iterator[Any]:
    """Yield the answer of every page that changes rights."""
    users, roles = "admin:accounts_user", "admin:accounts_role"
    every_role = [role.pk for role in Role.objects.of_accounts()]
    profile = {"kind": "user", "is_active": "on", "utc_offset": "0"}
    profile |= {
        f"{prefix}-{part}": "0"
        for prefix in ("emails", "import_ids", "tokens")
        for part in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    passwords = {"password1": KNOWN, "password2": KNOWN}
    for user in (cast.attacker, cast.admin, cast.manager, cast.plain):
        form = {**profile, "username": user.username, "account_roles": every_role}
        address = {
            "emails-TOTAL_FORMS": "1",
            "emails-0-address": f"mallory-as-{user.username}@example.org",
            "emails-0-user": user.pk,
        }
        page = reverse(f"{users}_change", args=[user.pk])
        yield browser.post(page, form)
        yield browser.post(page, form | address)
        yield browser.post(
            reverse("admin:auth_user_password_change", args=[user.pk]), passwords
        )
        token = {"user": user.pk, "name": f"for {user.username}"}
        yield browser.post(reverse("admin:accounts_authtoken_add"), token)
        if user != cast.attacker:
            for action in ("deactivate", "log_out"):
                selected = {"action": action, "_selected_action": [user.pk]}
                yield browser.post(reverse(f"{users}_changelist"), selected)
        if user in (cast.admin, cast.manager):
            yield browser.post(
                reverse(f"{users}_delete", args=[user.pk]), {"post": "yes"}
            )
    for role in (
        cast.own,
        cast.strong,
        *Role.objects.filter(public_id__in=["admin", "user"]),
    ):
        form = {
            "name": role.name,
            "scope": "Users",
            "permission_names": list(PermissionName),
        }
        yield browser.post(reverse(f"{roles}_change", args=[role.pk]), form)
        for name in PermissionName if role == cast.own else ():
            narrow = {**form, "permission_names": [name]}
            yield browser.post(reverse(f"{roles}_change", args=[role.pk]), narrow)
    made = {"name": "all", "scope": "Users", "permission_names": list(PermissionName)}
    yield browser.post(reverse(f"{roles}_add"), made)
    yield browser.post(
        reverse(f"{users}_add"),
        {
            "username": f"added-{User.objects.count()}",
            "kind": "user",
            "password": KNOWN,
            "account_roles": every_role,
        },
    )


def attack(user: User, cast: Cast) -> Iterator[Any]:
    """Yield the answer of every act, as this user."""
    token = secrets.token_hex()
    AuthTokenFactory.create(user=user, plain=token)
    yield from acts_by_api(ApiClient(user, token), cast)
    work()
    browser = Client()
    browser.force_login(user)
    yield from acts_by_browser(browser, cast)


def rights_of_everybody(cast: Cast) -> tuple[object, ...]:
    """Return all that rights are made of: who holds what, and whom one can act as."""
    return (
        set(User.roles.through.objects.values_list("user_id", "role_id")),
        set(Permission.roles.through.objects.values_list("role_id", "permission_id")),
        {user.pk for user in cast.controlled()},
    )


def gained_by(cast: Cast, allowed: set[str]) -> set[str]:
    """Return the permissions that the attacker should not have by now, but has."""
    held = Permission.objects.filter(
        roles__users__in=cast.controlled(), roles__scope="Users"
    )
    return set(held.values_list("name", flat=True)) - allowed


@pytest.mark.parametrize("permission", OTHERS)
def test_no_permission_leads_to_another(
    db: None, permission: PermissionName, attacks: Attacks
) -> None:
    given = {permission}
    if permission != PermissionName.VIEW_USER_ADMINISTRATION:
        # Pages of users can't be opened without it; alone, it has a turn of its own.
        given.add(PermissionName.VIEW_USER_ADMINISTRATION)
    cast = cast_with(*given)
    allowed = given | everybodys()
    known = {cast.attacker.pk}
    for number in range(ROUNDS):
        before = rights_of_everybody(cast)
        fresh = [user for user in cast.controlled() if user.pk not in known]
        actors = fresh if number and fresh else [cast.attacker]
        known |= {user.pk for user in actors}
        for actor in actors[:3]:
            for act, answer in enumerate(attack(actor, cast)):
                text = answer.content.decode() if not answer.streaming else ""
                cast.tokens |= {a or b for a, b in TOKEN.findall(text)}
                # Looking at everybody's rights takes longer than an act.
                gained = gained_by(cast, allowed) if act % LOOK_EVERY == 0 else set()
                attacks.record(
                    f"{answer.request['PATH_INFO']}: {sorted(gained)}",
                    got_through=bool(gained),
                )
                if gained:
                    return
        if rights_of_everybody(cast) == before:
            break  # the same acts again would meet the same rights
    attacks.record("all together", got_through=bool(gained_by(cast, allowed)))

    for person, role in ((cast.admin, "admin"), (cast.manager, cast.strong.public_id)):
        person.refresh_from_db()
        assert person.is_active
        assert person.check_password(PASSWORD)
        assert person.roles.filter(public_id=role).exists()
        assert person.tokens.exists()


def test_the_last_admin_is_one_who_can_log_in(admin_api: ApiClient) -> None:
    """An imported admin account without a password does not count."""
    UserFactory.create(username="imported", roles=["admin"])
    revocation = {"roleId": "admin", "username": "ada"}

    answer = admin_api.post("roles.removeUserFromRole", revocation)

    assert answer.status_code == 400
    assert "at least one admin" in answer.json()["error"]


def test_run_import_does_not_make_an_admin_in_an_admins_operation(
    admin_api: ApiClient, importer_api: ApiClient
) -> None:
    admin_api.post("import.new")
    pushed = {
        "username": "mallory",
        "emails": ["mallory@example.org"],
        "importIds": ["M"],
        "roles": ["admin"],
    }
    importer_api.post("import.addUsers", {"users": [pushed]})

    admin_api.post("import.run")
    work()

    roles = User.objects.get(username="mallory").roles.values_list("name", flat=True)
    assert list(roles) == ["user"]


def test_an_admin_gives_no_role_that_a_stranger_has_somebody_run(
    admin_api: ApiClient, importer_api: ApiClient
) -> None:
    admin_api.post("import.new")
    pushed = {
        "username": "mallory",
        "emails": ["mallory@example.org"],
        "importIds": ["M"],
        "roles": ["admin"],
    }
    admin_api.post("import.addUsers", {"users": [pushed]})

    importer_api.post("import.run")
    work()

    roles = User.objects.get(username="mallory").roles.values_list("name", flat=True)
    assert list(roles) == ["user"]


def test_a_retry_by_an_admin_gives_no_role_of_a_stranger(
    admin_user: User, importer_user: User
) -> None:
    sent = create_operation(
        actor=Actor(importer_user), importer_key="api", importer_name="API"
    )

    child = create_operation(
        actor=Actor(admin_user), importer_key="api", importer_name="API", parent=sent
    )

    assert child.sent_by == importer_user.public_id


def test_the_operator_may_give_every_role(plain_user: User) -> None:
    call_command("grant_role", "paula", "admin")

    assert plain_user.roles.filter(public_id="admin").exists()


def test_a_stronger_users_second_factor_stays(admin_user: User) -> None:
    weaker = UserFactory.create(
        roles=[RoleFactory.create(permissions=["view-user-administration"])]
    )

    with pytest.raises(ActionNotAllowedError, match="assign-admin-role"):
        reset_two_factor(user=admin_user, by=Author(weaker))
