"""Nobody gains a permission that they were not given, in any number of steps."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from accounts.auth.rights import ordinary_permissions
from accounts.errors import ActionNotAllowedError
from accounts.models import User
from accounts.permission_names import PermissionName
from accounts.services.activity import Author
from accounts.services.two_factor import reset_two_factor
from imports_app.services.operations import create_operation
from imports_app.transitions import Actor
from tests.conftest import ApiClient
from tests.factories import RoleFactory, UserFactory
from tests.security.conftest import Attacks
from tests.security.rights.attack import attack
from tests.security.rights.cast import OTHERS, cast_with
from tests.working import work

ROUNDS = 2
LOOK_EVERY = 30


@pytest.mark.parametrize("permission", OTHERS)
def test_no_permission_leads_to_another(
    db: None, permission: PermissionName, attacks: Attacks
) -> None:
    given = {permission}
    if permission != PermissionName.VIEW_USER_ADMINISTRATION:
        # Pages of users can't be opened without it; alone, it has a turn of its own.
        given.add(PermissionName.VIEW_USER_ADMINISTRATION)
    cast = cast_with(*given)
    allowed = given | ordinary_permissions()
    belongings = cast.belongings()
    known = {cast.attacker.pk}
    for number in range(ROUNDS):
        before = cast.rights()
        fresh = [user for user in cast.controlled() if user.pk not in known]
        actors = fresh if number and fresh else [cast.attacker]
        known |= {user.pk for user in actors}
        for actor in actors[:3]:
            for act, answer in enumerate(attack(actor, cast)):
                cast.read(answer)
                # Looking at everybody's rights takes longer than an act.
                gained = cast.gained(allowed) if act % LOOK_EVERY == 0 else set()
                attacks.record(
                    f"{answer.request['PATH_INFO']}: {sorted(gained)}",
                    got_through=bool(gained),
                )
                if gained:
                    return
        if cast.rights() == before:
            break  # the same acts again would meet the same rights
    attacks.record("all together", got_through=bool(cast.gained(allowed)))

    assert cast.belongings() == belongings


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


def test_an_import_run_for_another_user_grants_no_role_of_the_admin(
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


def test_a_retry_by_an_admin_grants_no_role_of_another_user(
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
