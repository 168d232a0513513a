"""The Python package rocketchat_API, as it comes from the registry."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rocketchat_API import rocketchat
from rocketchat_API.APIExceptions.RocketExceptions import (
    RocketApiException,
    RocketAuthenticationException,
)

from tests.contract import golden

pytestmark = pytest.mark.clients

PASSWORD = "import-demo"
ANN = {
    "email": "ann@example.org",
    "name": "Ann",
    "password": "correct horse battery staple",
    "username": "ann",
}


def client(server_url: str, **credentials: Any) -> Any:
    """Return a client of the package."""
    return rocketchat.RocketChat(server_url=server_url, **credentials)


@pytest.fixture
def admin(server_url: str) -> Any:
    """The demo's admin, logged in by username."""
    return client(server_url, user="admin", password=PASSWORD)


def names(users: Any) -> list[str]:
    """Return the usernames of the documents."""
    return [user["username"] for user in users]


def test_logs_in_tells_who_one_is_and_logs_out(server_url: str, admin: Any) -> None:
    me = admin.me()
    other = client(server_url, user="admin", password=PASSWORD)
    goodbye = admin.logout()

    assert (me["username"], me["name"], me["roles"]) == (
        "admin",
        "Ada Admin",
        ["admin"],
    )
    assert me["_id"] == admin.headers["X-User-Id"]
    assert goodbye["status"] == "success"
    assert goodbye["data"]["message"] == "You've been logged out!"
    with pytest.raises(RocketApiException, match="unauthorized"):
        admin.me()
    assert other.me()["username"] == "admin"


def test_a_wrong_password_is_an_authentication_error(server_url: str) -> None:
    with pytest.raises(RocketAuthenticationException):
        client(server_url, user="admin", password="wrong")


def test_makes_finds_and_deletes_a_user_who_logs_in_by_address(
    server_url: str, admin: Any
) -> None:
    made = admin.users_create(**ANN)["user"]
    ann = client(server_url, user=ANN["email"], password=ANN["password"])
    found = [
        admin.users_info(user_id=made["_id"])["user"],
        admin.users_info(username="ann")["user"],
    ]
    listed = list(admin.users_list())
    mine = ann.me()
    with pytest.raises(RocketApiException, match="already in use"):
        admin.users_create(**ANN)
    deleted = admin.users_delete(made["_id"])

    assert (made["username"], made["roles"], made["active"]) == ("ann", ["user"], True)
    assert made["emails"] == [{"address": "ann@example.org", "verified": False}]
    assert found == [made, made]
    assert mine["_id"] == made["_id"]
    assert names(listed) == ["admin", "ann", "importer", "plain", "seed"]
    assert deleted == {"deletedRooms": [], "success": True}
    with pytest.raises(RocketApiException, match="User not found"):
        admin.users_info(username="ann")
    with pytest.raises(RocketApiException, match="unauthorized"):
        ann.me()


def test_walks_through_all_pages_of_users(admin: Any) -> None:
    assert names(admin.users_list(count=2)) == ["admin", "importer", "plain", "seed"]


def test_a_personal_token_is_created_renewed_and_revoked(
    server_url: str, admin: Any
) -> None:
    call, name = admin.call_api_post, {"tokenName": "laptop"}
    token = call("users.generatePersonalAccessToken", **name)["token"]
    [listed] = admin.call_api_get("users.getPersonalAccessTokens")["tokens"]
    renewed = call("users.regeneratePersonalAccessToken", **name)["token"]
    user_id = admin.headers["X-User-Id"]
    old, new = (
        client(server_url, user_id=user_id, auth_token=value)
        for value in (token, renewed)
    )
    with pytest.raises(RocketApiException, match="unauthorized"):
        old.me()
    mine = new.me()
    removed = call("users.removePersonalAccessToken", **name)

    assert (listed["name"], listed["lastTokenPart"]) == ("laptop", token[-6:])
    assert mine["username"] == "admin"
    assert removed == {"success": True}
    with pytest.raises(RocketApiException, match="unauthorized"):
        new.me()
    with pytest.raises(RocketApiException, match="Token does not exist"):
        call("users.removePersonalAccessToken", **name)


def test_roles_and_permissions_act_at_once(server_url: str, admin: Any) -> None:
    plain = client(server_url, user="plain", password=PASSWORD)
    role = admin.roles_create("watcher", description="Looks on")["role"]
    admin.permissions_update(
        [{"_id": "view-import-operations", "roles": ["admin", role["_id"]]}]
    )
    admin.roles_add_user_to_role(role["_id"], "plain")
    seen = plain.call_api_get("getLatestImportOperations")
    holders = names(admin.roles_get_users_in_role(role["_id"]))
    permissions = plain.permissions_list_all()["update"]
    roles = plain.roles_list()["roles"]
    admin.roles_remove_user_from_role(role["_id"], "plain")
    with pytest.raises(RocketApiException) as refused:
        plain.call_api_get("getLatestImportOperations")
    admin.roles_delete(role["_id"])

    assert len(seen) == 7
    assert holders == ["plain"]
    assert {
        "_id": role["_id"],
        "name": "watcher",
        "description": "Looks on",
    }.items() <= (next(row for row in roles if row["name"] == "watcher").items())
    [row] = [row for row in permissions if row["_id"] == "view-import-operations"]
    assert sorted(row["roles"]) == sorted(["admin", role["_id"]])
    assert "error-unauthorized" in str(refused.value)
    assert "watcher" not in [row["name"] for row in admin.roles_list()["roles"]]


def test_latest_operations_are_the_example(admin: Any, server_url: str) -> None:
    operations = admin.call_api_get("getLatestImportOperations")

    assert operations == json.loads(golden("seed"))
    assert admin.info()["info"]["version"]
