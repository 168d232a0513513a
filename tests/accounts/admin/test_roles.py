"""Admin pages of roles: permissions and holders."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.admin.choices import permission_choices
from accounts.models import Role, UnusedPermission, User
from accounts.permission_names import PermissionName
from tests.conftest import ApiClient
from tests.factories import RoleFactory, UserFactory

LIST = "/admin/accounts/role/"


def _save(browser: Client, role: Role, **changes: Any) -> str:
    form = {
        "name": role.name,
        "description": role.description,
        "scope": role.scope,
        "permission_names": [row.name for row in role.permissions.all()],
        **changes,
    }
    answer = browser.post(f"{LIST}{role.pk}/change/", form, follow=True)
    return answer.content.decode()


def test_every_permission_has_a_check_box_with_its_explanation(
    admin_browser: Client,
) -> None:
    page = admin_browser.get(f"{LIST}add/").content.decode()

    names = [name for _title, group in permission_choices() for name, _label in group]
    assert sorted(names) == sorted(PermissionName.values)
    for name in PermissionName:
        assert page.count(f'value="{name.value}"') == 1
        assert str(name.label).replace("'", "&#x27;") in page


def test_permission_changes_take_effect_immediately(
    admin_browser: Client, plain_api: ApiClient
) -> None:
    role = Role.objects.get(name="user")

    for names, status in ((["view-import-operations"], 200), ([], 403)):
        _save(admin_browser, role, permission_names=names)
        assert plain_api.get("getLatestImportOperations").status_code == status


def test_permissions_without_effect_are_listed_apart(admin_browser: Client) -> None:
    role = RoleFactory.create(name="speaker", permissions=["run-import"])
    UnusedPermission.objects.get(name="mention-all").roles.add(role)

    page = admin_browser.get(f"{LIST}{role.pk}/change/").content.decode()
    _save(admin_browser, role, permission_names=[])

    details = page.partition("Other Rocket.Chat permissions (no effect here)")[2]
    assert "mention-all" in details.partition("</details>")[0]
    assert 'value="mention-all"' not in page
    assert not role.permissions.exists()
    assert role.unused_permissions.get().name == "mention-all"


def test_creates_a_role(admin_browser: Client) -> None:
    form = {"name": "auditor", "scope": "Users", "permission_names": ["run-import"]}
    admin_browser.post(f"{LIST}add/", form)

    role = Role.objects.get(name="auditor")
    assert [row.name for row in role.permissions.all()] == ["run-import"]


def test_refuses_a_name_that_is_taken(admin_browser: Client) -> None:
    page = admin_browser.post(f"{LIST}add/", {"name": "ADMIN", "scope": "Users"})

    assert "A role with this name already exists." in page.content.decode()


def test_a_built_in_role_keeps_its_name_and_scope(admin_browser: Client) -> None:
    role = Role.objects.get(name="guest")

    _save(admin_browser, role, name="x", scope="Subscriptions", description="New")

    role.refresh_from_db()
    assert (role.name, role.scope, role.description) == ("guest", "Users", "New")


def test_the_role_admin_keeps_access_permissions(admin_browser: Client) -> None:
    role = Role.objects.get(name="admin")

    page = _save(admin_browser, role, permission_names=["run-import"])

    assert "The role admin needs access-permissions" in page
    assert role.permissions.count() == len(PermissionName)


def test_the_scope_of_a_role_in_use_cannot_change(
    admin_browser: Client, importer_user: User
) -> None:
    role = importer_user.roles.get()

    page = _save(admin_browser, role, scope="Subscriptions")

    assert "Users have this role." in page
    role.refresh_from_db()
    assert role.scope == "Users"


def test_keeps_built_in_roles_and_roles_in_use(admin_browser: Client) -> None:
    built_in = Role.objects.get(name="guest")
    in_use = RoleFactory.create()
    UserFactory.create(roles=[in_use])
    unused = RoleFactory.create()
    roles = (built_in, in_use, unused)

    for role in roles:
        admin_browser.post(f"{LIST}{role.pk}/delete/", {"post": "yes"})
    selected = {"_selected_action": [role.pk for role in roles], "post": "yes"}
    admin_browser.post(LIST, {"action": "delete_selected", **selected})

    kept = set(Role.objects.filter(pk__in=[role.pk for role in roles]))
    assert kept == {built_in, in_use}


@pytest.mark.parametrize(
    ("holders", "told"),
    [(0, "No users."), (2, "holder.0, holder.1"), (23, " and 3 more")],
)
def test_lists_the_holders_of_a_role(
    admin_browser: Client, holders: int, told: str
) -> None:
    role = RoleFactory.create()
    for number in range(holders):
        UserFactory.create(username=f"holder.{number}", roles=[role])

    page = admin_browser.get(f"{LIST}{role.pk}/change/").content.decode()

    assert told in page
    link = f"/admin/accounts/user/?roles__id__exact={role.pk}"
    assert (link in page) is (holders > 0)
    assert (link in admin_browser.get(LIST).content.decode()) is (holders > 0)


def test_explains_a_role_for_one_room(admin_browser: Client) -> None:
    role = Role.objects.get(name="owner")

    page = admin_browser.get(f"{LIST}{role.pk}/change/").content.decode()

    assert "This role applies to single rooms only. Users never hold it." in page


@pytest.mark.parametrize("rows", [10, 100])
def test_the_list_has_a_constant_number_of_queries(
    admin_browser: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _ in range(rows):
        UserFactory.create(roles=[RoleFactory.create(permissions=["run-import"])])

    # Session, user, permissions; count and count of all; the page.
    with django_assert_num_queries(6):
        assert admin_browser.get(LIST).status_code == 200
