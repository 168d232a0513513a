from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import ActivityEntry, Role, User
from tests.conftest import ApiClient, api_client_of
from tests.factories import EmailAddressFactory, RoleFactory, UserFactory

ACTION = "error-action-not-allowed"
ROOM_ROLES = ("owner", "moderator", "leader")


def refusal(text: str, code: str, **more: Any) -> dict[str, Any]:
    return {
        "success": False,
        "error": f"{text} [{code}]",
        "errorType": code,
        **more,
    }


def properties(details: str) -> dict[str, Any]:
    return refusal(
        "The role properties are invalid.",
        "error-invalid-role-properties",
        details=details,
    )


INVALID_ID = refusal("This role does not exist", "error-invalid-roleId")
NO_USER = refusal("There is no user with this username", "error-invalid-user")


def test_lists_roles(plain_api: ApiClient) -> None:
    body = plain_api.get("roles.list").json()

    assert body["success"] is True
    assert [role["name"] for role in body["roles"]] == sorted(
        ["admin", "user", "bot", "app", "guest", "anonymous", *ROOM_ROLES]
    )
    assert body["roles"][0] == {
        "_id": "admin",
        "name": "admin",
        "scope": "Users",
        "description": "Administrators of the server",
        "protected": True,
        "mandatory2fa": False,
    }


def test_creates_updates_and_deletes_a_custom_role(
    admin_api: ApiClient, plain_user: User
) -> None:
    made = admin_api.post(
        "roles.create", {"name": "porter", "description": "Carries archives"}
    ).json()["role"]
    renamed = admin_api.post(
        "roles.update", {"roleId": made["_id"], "name": "carrier"}
    ).json()["role"]
    given = admin_api.post(
        "roles.addUserToRole", {"roleId": made["_id"], "username": "paula"}
    ).json()["role"]
    holders = admin_api.get("roles.getUsersInRole?role=" + made["_id"]).json()
    taken = admin_api.post(
        "roles.removeUserFromRole", {"roleId": made["_id"], "username": "paula"}
    ).json()["role"]
    deleted = admin_api.post("roles.delete", {"roleId": "carrier"}).json()

    assert len(made["_id"]) == 24
    assert {**made, "_id": "", "_updatedAt": ""} == {
        "_id": "",
        "name": "porter",
        "scope": "Users",
        "description": "Carries archives",
        "protected": False,
        "mandatory2fa": False,
        "_updatedAt": "",
    }
    assert renamed["name"] == "carrier"
    assert renamed["description"] == "Carries archives"
    assert renamed["_updatedAt"] > made["_updatedAt"]
    assert given == taken == renamed
    assert [user["username"] for user in holders["users"]] == ["paula"]
    assert (holders["total"], holders["success"]) == (1, True)
    assert deleted == {"success": True}
    assert not Role.objects.filter(name="carrier").exists()
    assert ActivityEntry.objects.filter(subject="role").count() == 3
    assert ActivityEntry.objects.filter(subject="user", name="paula").count() == 2


def test_role_changes_take_effect_immediately(
    admin_api: ApiClient, plain_api: ApiClient
) -> None:
    RoleFactory.create(name="watcher", permissions=["view-import-operations"])
    body = {"roleId": "watcher", "username": "paula"}
    statuses = []
    for call in ("addUserToRole", "removeUserFromRole"):
        admin_api.post(f"roles.{call}", body)
        statuses.append(plain_api.get("getLatestImportOperations").status_code)

    assert statuses == [200, 403]


@pytest.mark.parametrize(
    ("call", "body", "answer"),
    [
        ("create", {}, properties("must have required property 'name'")),
        ("create", {"name": ""}, properties("must NOT have fewer than 1 characters")),
        ("create", {"name": ["a"]}, properties("must be string")),
        (
            "create",
            {"name": "x" * 101},
            properties("must NOT have more than 100 characters"),
        ),
        (
            "create",
            {"name": "a\0"},
            properties("must NOT have NUL characters"),
        ),
        (
            "create",
            {"name": "a", "scope": "Rooms"},
            properties("must be equal to one of the allowed values"),
        ),
        (
            "create",
            {"name": "a", "x": 1},
            properties("must NOT have additional properties"),
        ),
        (
            "create",
            {"name": "Admin"},
            refusal(
                "Role name already exists", "error-duplicate-role-names-not-allowed"
            ),
        ),
        ("update", {"roleId": "zzz", "name": "x"}, INVALID_ID),
        (
            "update",
            {"roleId": "held", "name": "user"},
            refusal(
                "Role name already exists", "error-duplicate-role-names-not-allowed"
            ),
        ),
        (
            "update",
            {"roleId": "user", "name": "people"},
            refusal(
                "A built-in role keeps its name and its scope", "error-role-protected"
            ),
        ),
        (
            "update",
            {"roleId": "held", "name": "held", "scope": "Subscriptions"},
            refusal(
                "Users have this role. Revoke it from them first", "error-role-in-use"
            ),
        ),
        ("delete", {}, properties("must have required property 'roleId'")),
        ("delete", {"roleId": "zzz"}, INVALID_ID),
        (
            "delete",
            {"roleId": "user"},
            refusal("Cannot delete a protected role", "error-role-protected"),
        ),
        (
            "delete",
            {"roleId": "held"},
            refusal("Cannot delete role because it's in use", "error-role-in-use"),
        ),
        (
            "addUserToRole",
            {"roleId": "user"},
            properties("must have required property 'username'"),
        ),
        *(
            (
                call,
                {**named, "username": "holly"},
                properties("must have required property 'roleId'"),
            )
            for call in ("addUserToRole", "removeUserFromRole")
            for named in ({}, {"roleId": "", "roleName": ""})
        ),
        (
            "addUserToRole",
            {"roleId": "zzz", "username": "holly"},
            {
                "success": False,
                "error": "error-role-not-found",
                "errorType": "Role not found",
            },
        ),
        ("addUserToRole", {"roleId": "user", "username": "zzz"}, NO_USER),
        (
            "addUserToRole",
            {"roleId": "held", "username": "holly", "roomId": "GENERAL"},
            refusal("User already in role", "error-user-already-in-role"),
        ),
        (
            "addUserToRole",
            {"roleId": "owner", "username": "holly"},
            refusal(
                "The role owner applies to single rooms only", "error-invalid-role"
            ),
        ),
        ("removeUserFromRole", {"roleId": "zzz", "username": "holly"}, INVALID_ID),
        ("removeUserFromRole", {"roleId": "user", "username": "zzz"}, NO_USER),
        (
            "removeUserFromRole",
            {"roleId": "user", "username": "holly"},
            refusal("User is not in this role", "error-user-not-in-role"),
        ),
        (
            "removeUserFromRole",
            {"roleId": "admin", "username": "ada"},
            refusal("You need to have at least one admin", "error-admin-required"),
        ),
    ],
)
def test_refuses(
    admin_api: ApiClient, call: str, body: dict[str, Any], answer: dict[str, Any]
) -> None:
    held = RoleFactory.create(name="held")
    UserFactory.create(username="holly", roles=[held])

    response = admin_api.post(f"roles.{call}", body)

    assert (response.status_code, response.json()) == (400, answer)
    assert not ActivityEntry.objects.exists()


@pytest.mark.parametrize(
    "named",
    [
        {"roleName": "watcher"},
        {"roleId": "", "roleName": "watcher"},
        {"roleId": "watcher", "roleName": "admin", "roomId": "GENERAL"},
    ],
    ids=str,
)
def test_grants_and_revokes_a_role_by_its_name(
    admin_api: ApiClient, plain_user: User, named: dict[str, str]
) -> None:
    watcher = RoleFactory.create(name="watcher")
    roles = []
    for call in ("addUserToRole", "removeUserFromRole"):
        response = admin_api.post(f"roles.{call}", {**named, "username": "paula"})
        assert response.json()["role"]["_id"] == watcher.public_id
        roles.append(set(plain_user.roles.values_list("name", flat=True)))

    assert roles == [{"user", "watcher"}, {"user"}]


@pytest.mark.parametrize("name", ["roleId", "roleName"])
@pytest.mark.parametrize("call", ["addUserToRole", "removeUserFromRole"])
def test_the_role_admin_requires_assign_admin_role(
    admin_user: User, plain_user: User, call: str, name: str
) -> None:
    manager = UserFactory.create(
        roles=[RoleFactory.create(permissions=["access-permissions"])]
    )
    UserFactory.create(roles=["admin"])
    username = "paula" if call == "addUserToRole" else "ada"

    response = api_client_of(manager).post(
        f"roles.{call}", {name: "admin", "username": username}
    )

    assert response.status_code == 400
    assert response.json() == refusal("Assigning admin is not allowed", ACTION)


@pytest.mark.parametrize("query", ["", "?role="])
def test_users_in_role_requires_the_role(admin_api: ApiClient, query: str) -> None:
    response = admin_api.get(f"roles.getUsersInRole{query}")

    assert response.status_code == 400
    assert response.json() == refusal(
        'Query param "role" is required', "error-param-not-provided"
    )


def test_users_in_role_are_paginated_by_name(admin_api: ApiClient) -> None:
    for name in ("cem", "bea", "dan"):
        user = UserFactory.create(username=name, roles=["bot"])
        EmailAddressFactory.create(user=user)

    body = admin_api.get("roles.getUsersInRole?role=bot&offset=1&count=1").json()

    assert [user["username"] for user in body["users"]] == ["cem"]
    assert body["users"][0]["emails"][0]["address"] == "cem@example.org"
    assert body["total"] == 3


def test_an_unknown_role_has_no_users(admin_api: ApiClient) -> None:
    response = admin_api.get("roles.getUsersInRole?role=zzz")

    assert (response.status_code, response.json()) == (400, INVALID_ID)


# sync ---------------------------------------------------------------------------------


def test_sync_lists_changed_and_deleted_roles(
    admin_api: ApiClient, plain_api: ApiClient
) -> None:
    start = timezone.now()
    made = admin_api.post("roles.create", {"name": "porter", "description": "x"})
    role = made.json()["role"]
    created = plain_api.get("roles.sync", {"updatedSince": start.isoformat()}).json()
    admin_api.post("roles.delete", {"roleId": "porter"})
    deleted = plain_api.get("roles.sync", {"updatedSince": start.isoformat()}).json()
    [removed] = deleted["roles"]["remove"]

    assert created == {"roles": {"update": [role], "remove": []}, "success": True}
    assert deleted["roles"]["update"] == []
    assert removed.pop("_deletedAt") > role["_updatedAt"]
    assert removed == role


@pytest.mark.parametrize("query", ["", "?updatedSince=", "?updatedSince=1970-01-01"])
def test_sync_without_a_date_lists_all_roles(plain_api: ApiClient, query: str) -> None:
    roles = plain_api.get(f"roles.sync{query}").json()["roles"]

    assert len(roles["update"]) == Role.objects.count()
    assert roles["update"][0]["_updatedAt"].endswith("Z")


@pytest.mark.parametrize(
    "since", ["yesterday", "1", "0001-01-01T00:00:00%2B23:00", "2000-13-01"]
)
def test_sync_refuses_an_invalid_date(plain_api: ApiClient, since: str) -> None:
    response = plain_api.get(f"roles.sync?updatedSince={since}")

    assert response.status_code == 400
    assert response.json() == refusal(
        "updatedSince must be a valid date string", "error-invalid-param"
    )


# getUsersInPublicRoles ----------------------------------------------------------------


def test_lists_users_in_roles_that_all_may_see(
    plain_api: ApiClient, admin_user: User, django_assert_num_queries: Any
) -> None:
    shown = RoleFactory.create(name="auditor", description="Reads only")
    hidden = RoleFactory.create(name="internal", description="")
    bea = UserFactory.create(username="bea", roles=[shown, hidden, "user", "bot"])
    UserFactory.create(username=None, roles=[shown])
    UserFactory.create(username="cem", roles=[hidden, "app"])

    with django_assert_num_queries(3):  # credentials, last use, holders
        body = plain_api.get("roles.getUsersInPublicRoles").json()

    assert body == {
        "users": [
            {"_id": admin_user.public_id, "username": "ada", "roles": ["admin"]},
            {"_id": bea.public_id, "username": "bea", "roles": [shown.public_id]},
        ],
        "success": True,
    }
