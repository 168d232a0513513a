from __future__ import annotations

from typing import Any

import pytest

from accounts.models import ActivityEntry, Permission, Role, UnusedPermission, User
from accounts.permission_names import PermissionName
from tests.conftest import ApiClient, api_client_of
from tests.factories import RoleFactory, UserFactory

VIEW = "view-import-operations"


def unused_names() -> list[str]:
    return list(UnusedPermission.objects.values_list("name", flat=True))


def holders(name: str) -> set[str]:
    """Return the role IDs of a permission with or without effect."""
    for model in (Permission, UnusedPermission):
        if (row := model.objects.filter(name=name).first()) is not None:
            return set(row.roles.values_list("public_id", flat=True))
    return set()


def test_permissions_without_effect_are_listed_with_their_defaults(
    plain_api: ApiClient,
) -> None:
    listed = plain_api.get("permissions.listAll").json()["update"]

    rows = {row["_id"]: row["roles"] for row in listed}
    assert not {*unused_names()} & {*PermissionName.values}
    assert len(unused_names()) == 186
    assert rows["add-oauth-service"] == ["admin"]
    assert rows["mention-all"] == ["admin", "moderator", "owner", "user"]
    assert rows["add-user-to-any-p-room"] == []


def test_listing_takes_a_constant_number_of_queries(
    plain_api: ApiClient, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(6):  # credentials, last use, 2 for each table
        plain_api.get("permissions.listAll")


def test_lists_all_permissions(plain_api: ApiClient) -> None:
    body = plain_api.get("permissions.listAll").json()

    assert set(body) == {"update", "remove", "success"}
    assert body["remove"] == []
    names = [row["_id"] for row in body["update"]]
    assert names == sorted({*PermissionName.values, *unused_names()})
    [row] = [row for row in body["update"] if row["_id"] == "view-d-room"]
    assert row["roles"] == ["admin", "app", "bot", "user"]
    assert row["_updatedAt"].endswith("Z")


@pytest.mark.parametrize(
    ("since", "finds"),
    [
        ("2000-01-01", True),
        ("2000-01-01T00:00:00.000Z", True),
        ("2000-01-01T00:00:00+02:00", True),
        ("2999-01-01", False),
        ("", True),
    ],
)
def test_lists_permissions_changed_since_a_date(
    plain_api: ApiClient, since: str, finds: bool
) -> None:
    response = plain_api.get(f"permissions.listAll?updatedSince={since}")

    assert response.status_code == 200
    assert bool(response.json()["update"]) is finds


@pytest.mark.parametrize(
    "since", ["yesterday", "2000-13-01", "0001-01-01T00:00:00%2B23:00", "1"]
)
def test_rejects_an_invalid_date(plain_api: ApiClient, since: str) -> None:
    response = plain_api.get(f"permissions.listAll?updatedSince={since}")

    assert response.status_code == 400
    assert response.json() == {
        "success": False,
        "error": 'The "updatedSince" query parameter must be a valid date.'
        " [error-roomId-param-invalid]",
        "errorType": "error-roomId-param-invalid",
    }


def test_a_permission_without_effect_can_be_changed(
    admin_api: ApiClient, plain_user: User
) -> None:
    name = "view-logs"
    before = UnusedPermission.objects.get(name=name).updated_at

    body = {"permissions": [{"_id": name, "roles": ["user"]}]}
    response = admin_api.post("permissions.update", body)

    assert response.status_code == 200
    assert holders(name) == {"user"}
    assert UnusedPermission.objects.get(name=name).updated_at > before
    assert not plain_user.has_perm(name)
    entry = ActivityEntry.objects.get()
    assert (entry.subject, entry.name) == ("permission", name)
    assert (entry.before, entry.after) == ({"roles": ["admin"]}, {"roles": ["user"]})


def test_a_program_may_write_all_permissions_at_once(
    admin_api: ApiClient, django_assert_max_num_queries: Any
) -> None:
    """Programs read the whole list, change one entry and write the list back."""
    listed = admin_api.get("permissions.listAll").json()["update"]
    lists = [{"_id": row["_id"], "roles": row["roles"]} for row in listed]
    [view] = [row for row in lists if row["_id"] == VIEW]
    view["roles"] = [*view["roles"], "bot"]

    with django_assert_max_num_queries(40):
        response = admin_api.post("permissions.update", {"permissions": lists})

    assert response.status_code == 200
    assert holders(VIEW) == {"admin", "bot"}
    assert ActivityEntry.objects.get().name == VIEW


@pytest.mark.parametrize("name", [VIEW, "add-oauth-service"])
def test_adds_and_removes_a_role(admin_api: ApiClient, name: str) -> None:
    watcher = RoleFactory.create(name="watcher")
    seen = []
    for call, role in (
        ("addRole", "watcher"),
        ("addRole", watcher.public_id),
        ("removeRole", "watcher"),
        ("removeRole", "watcher"),
    ):
        body = {"permissionId": name, "role": role}
        response = admin_api.post(f"permissions.{call}", body)
        assert response.json() == {"success": True}
        seen.append(holders(name) - {"admin"})

    added = {watcher.public_id}
    assert seen == [added, added, set(), set()]
    entries = ActivityEntry.objects.filter(subject="permission", name=name)
    assert [entry.after for entry in entries.order_by("pk")] == [
        {"roles": ["admin", "watcher"]},
        {"roles": ["admin"]},
    ]


@pytest.mark.parametrize("call", ["addRole", "removeRole"])
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"permissionId": "zzz"}, ("Invalid permission", "error-invalid-permission")),
        ({"permissionId": ""}, ("Invalid permission", "error-invalid-permission")),
        ({"role": "zzz"}, ("Invalid role", "error-invalid-role")),
        (
            {"role": ...},
            ("must have required property 'role' [invalid-params]", "invalid-params"),
        ),
        (
            {"x": 1},
            ("must NOT have additional properties [invalid-params]", "invalid-params"),
        ),
    ],
    ids=str,
)
def test_changing_one_role_refuses(
    admin_api: ApiClient, call: str, change: dict[str, Any], error: tuple[str, str]
) -> None:
    body = {"permissionId": VIEW, "role": "user", **change}
    body = {key: value for key, value in body.items() if value is not ...}

    response = admin_api.post(f"permissions.{call}", body)

    assert response.status_code == 400
    assert (response.json()["error"], response.json()["errorType"]) == error
    assert not ActivityEntry.objects.exists()


@pytest.mark.parametrize("name", ["run-import", "add-oauth-service"])
@pytest.mark.parametrize("call", ["addRole", "removeRole", "update"])
def test_managers_change_no_permission_that_they_lack(
    db: None, call: str, name: str
) -> None:
    role = RoleFactory.create(name="managers", permissions=["access-permissions"])
    api = api_client_of(UserFactory.create(roles=[role]))
    other = RoleFactory.create(name="others", permissions=["run-import"])
    UnusedPermission.objects.get(name="add-oauth-service").roles.add(other)
    target = other if call == "removeRole" else role
    before = holders(name)
    body: dict[str, Any] = {"permissionId": name, "role": target.public_id}
    if call == "update":
        body = {"permissions": [{"_id": name, "roles": [*before, role.public_id]}]}

    response = api.post(f"permissions.{call}", body)

    assert response.status_code == 400
    assert response.json()["errorType"] == "error-action-not-allowed"
    assert f"{name}: you don't hold it yourself" in response.json()["error"]
    assert holders(name) == before
    assert not ActivityEntry.objects.exists()


@pytest.mark.parametrize("name", ["mention-all", "view-logs"])
def test_managers_change_permissions_without_effect_that_they_hold(
    db: None, name: str
) -> None:
    role = RoleFactory.create(name="managers", permissions=["access-permissions"])
    if name == "view-logs":  # the role user holds the other one
        UnusedPermission.objects.get(name=name).roles.add(role)
    api = api_client_of(UserFactory.create(roles=[role]))
    body = {"permissionId": name, "role": "bot"}

    assert api.post("permissions.addRole", body).status_code == 200
    assert "bot" in holders(name)


def test_the_role_admin_keeps_access_permissions(admin_api: ApiClient) -> None:
    body = {"permissionId": "access-permissions", "role": "admin"}

    response = admin_api.post("permissions.removeRole", body)

    assert response.status_code == 400
    assert response.json()["errorType"] == "error-action-not-allowed"
    assert holders("access-permissions") == {"admin"}


def test_only_holders_of_assign_admin_role_change_the_role_admin(db: None) -> None:
    role = RoleFactory.create(permissions=["access-permissions", "run-import"])
    api = api_client_of(UserFactory.create(roles=[role]))
    for name in ("run-import", "mention-all"):
        body = {"permissionId": name, "role": "admin"}
        response = api.post("permissions.removeRole", body)
        assert response.status_code == 400
        assert "assign-admin-role" in response.json()["error"]
        assert "admin" in holders(name)


def test_permissions_without_effect_keep_nobody_from_managing_users(
    plain_user: User,
) -> None:
    """They are no rights, so the rule about stronger users does not count them."""
    named = ["access-permissions", "delete-user"]
    manager = UserFactory.create(roles=[RoleFactory.create(permissions=named)])
    speaker = RoleFactory.create(name="speaker")
    UnusedPermission.objects.get(name="view-logs").roles.add(speaker)
    plain_user.roles.add(speaker)

    response = api_client_of(manager).post("users.delete", {"username": "paula"})

    assert response.status_code == 200


def test_a_deleted_role_loses_permissions_without_effect(admin_api: ApiClient) -> None:
    role = RoleFactory.create(name="speaker")
    UnusedPermission.objects.get(name="view-logs").roles.add(role)

    assert admin_api.post("roles.delete", {"roleId": "speaker"}).status_code == 200
    assert not Role.objects.filter(name="speaker").exists()
    assert holders("view-logs") == {"admin"}


def test_replaces_roles_with_immediate_effect(
    admin_api: ApiClient, plain_api: ApiClient
) -> None:
    body = {"permissions": [{"_id": VIEW, "roles": ["user"]}]}

    response = admin_api.post("permissions.update", body)

    assert response.status_code == 200
    names = [row["_id"] for row in response.json()["permissions"]]
    assert names == sorted({*PermissionName.values, *unused_names()})
    [row] = [row for row in response.json()["permissions"] if row["_id"] == VIEW]
    assert row["roles"] == ["user"]
    assert plain_api.get("getLatestImportOperations").status_code == 200
    assert admin_api.get("getLatestImportOperations").status_code == 403
    change = ActivityEntry.objects.get()
    assert (change.name, change.before, change.after) == (
        VIEW,
        {"roles": ["admin"]},
        {"roles": ["user"]},
    )


@pytest.mark.parametrize(
    ("permissions", "error", "code"),
    [
        (None, "Invalid body params", "error-invalid-body-params"),
        ("x", "Invalid body params", "error-invalid-body-params"),
        (["x"], "Invalid body params", "error-invalid-body-params"),
        ([{"_id": VIEW}], "Invalid body params", "error-invalid-body-params"),
        (
            [{"_id": VIEW, "roles": "user"}],
            "Invalid body params",
            "error-invalid-body-params",
        ),
        (
            [{"_id": VIEW, "roles": [{}]}],
            "Invalid body params",
            "error-invalid-body-params",
        ),
        (
            [{"_id": VIEW, "roles": ["user", "user"]}],
            "Invalid body params",
            "error-invalid-body-params",
        ),
        (
            [{"_id": VIEW, "roles": []}, {"_id": VIEW, "roles": []}],
            "Invalid body params",
            "error-invalid-body-params",
        ),
        (
            [{"_id": VIEW, "roles": [], "x": 1}],
            "Invalid body params",
            "error-invalid-body-params",
        ),
        (
            [{"_id": "zzz", "roles": ["user"]}],
            "Invalid permission",
            "error-invalid-permission",
        ),
        ([{"_id": VIEW, "roles": ["zzz"]}], "Invalid role", "error-invalid-role"),
    ],
)
def test_refuses(admin_api: ApiClient, permissions: Any, error: str, code: str) -> None:
    response = admin_api.post("permissions.update", {"permissions": permissions})

    body = response.json()
    body.pop("details", None)
    assert response.status_code == 400
    assert body == {"success": False, "error": error, "errorType": code}
    assert not ActivityEntry.objects.exists()


def test_rejects_additional_properties(admin_api: ApiClient) -> None:
    response = admin_api.post("permissions.update", {"permissions": [], "x": 1})

    assert response.json() == {
        "success": False,
        "error": "Invalid body params",
        "errorType": "error-invalid-body-params",
        "details": "must NOT have additional properties",
    }


def test_admins_keep_the_right_to_manage_permissions(db: None) -> None:
    role = RoleFactory.create(permissions=["access-permissions"])
    api = api_client_of(UserFactory.create(roles=[role]))
    body = {"permissions": [{"_id": "access-permissions", "roles": [role.public_id]}]}

    response = api.post("permissions.update", body)

    assert response.status_code == 400
    assert response.json()["errorType"] == "error-action-not-allowed"
    assert Permission.objects.get(name="access-permissions").roles.count() == 2
