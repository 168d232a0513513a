from __future__ import annotations

from typing import Any

import orjson

from accounts.models import User
from tests.conftest import PASSWORD, ApiClient
from tests.contract.upstream import UNAUTHORIZED, refused, succeeded, withdraw
from tests.factories import UserFactory
from tests.workspace import room_of

ANN = {
    "username": "ann",
    "name": "ann",
    "email": "ann@example.org",
    "password": PASSWORD,
}
OPTIONS = {"active": True, "joinDefaultChannels": True, "verified": True}
RESERVED = ("admin", "administrator", "system", "user", "all", "here")


def created(api: ApiClient, **options: Any) -> dict[str, Any]:
    """Create Ann; return her document."""
    user: dict[str, Any] = succeeded(api.post("users.create", {**ANN, **options}))[
        "user"
    ]
    assert (user["username"], user["name"], user["active"]) == ("ann", "ann", True)
    assert user["emails"][0]["address"] == "ann@example.org"
    return user


def info(api: ApiClient, **keys: Any) -> dict[str, Any]:
    """Return the user that users.info finds."""
    user: dict[str, Any] = succeeded(api.get("users.info", keys))["user"]
    return user


def listed(api: ApiClient, **query: Any) -> list[dict[str, Any]]:
    """Return the users that users.list finds."""
    texts = {
        name: orjson.dumps(value).decode() if isinstance(value, dict) else value
        for name, value in query.items()
    }
    body = succeeded(api.get("users.list", texts))
    assert body["count"] == len(body["users"])
    assert body["total"] >= body["count"]
    users: list[dict[str, Any]] = body["users"]
    return users


def test_create_keeps_custom_fields(admin_api: ApiClient) -> None:
    fields = {"department": "success"}

    user = created(admin_api, **OPTIONS, roles=["user"], customFields=fields)

    assert user["customFields"] == fields
    assert "e2e" not in user


def test_create_refuses_reserved_usernames(admin_api: ApiClient) -> None:
    for name in RESERVED:
        answer = admin_api.post("users.create", {**ANN, **OPTIONS, "username": name})

        error = f"{name} is blocked and can't be used! [error-blocked-username]"
        refused(answer, 400, error=error)


def test_create_gives_only_the_requested_role(admin_api: ApiClient) -> None:
    assert created(admin_api, roles=["guest"])["roles"] == ["guest"]


def test_info_refuses_an_unknown_user(admin_api: ApiClient) -> None:
    answer = admin_api.get("users.info", {"username": "none"})

    refused(answer, 400)
    assert "error" in answer.json()


def test_info_finds_by_id(plain_user: User, admin_api: ApiClient) -> None:
    user = info(admin_api, userId=plain_user.public_id)

    assert (user["username"], user["name"], user["active"]) == ("paula", "Paula", True)
    assert "e2e" not in user


def test_info_includes_the_rooms_of_a_user_on_request(
    plain_user: User, admin_api: ApiClient
) -> None:
    room = room_of(plain_user)

    user = info(admin_api, userId=plain_user.public_id, includeUserRooms="true")

    [found] = [entry for entry in user["rooms"] if entry["rid"] == room.public_id]
    assert "unread" in found


def test_info_includes_no_rooms_without_a_request(
    plain_user: User, admin_api: ApiClient
) -> None:
    room_of(plain_user)

    assert "rooms" not in info(admin_api, userId=plain_user.public_id)


def test_info_includes_the_callers_own_rooms_without_the_permission(
    plain_user: User, plain_api: ApiClient
) -> None:
    room_of(plain_user)

    user = info(plain_api, userId=plain_user.public_id, includeUserRooms="true")

    assert "unread" in user["rooms"][0]


def test_info_includes_no_rooms_of_others_without_the_permission(
    plain_user: User, admin_user: User, plain_api: ApiClient
) -> None:
    room_of(admin_user)

    user = info(
        plain_api, userId=admin_user.public_id, fields=orjson.dumps({"userRooms": 1})
    )

    assert "rooms" not in user


def test_info_shows_no_login_services_of_others(
    plain_user: User, admin_api: ApiClient
) -> None:
    assert "services" not in info(admin_api, userId=plain_user.public_id)


def test_info_finds_a_username_that_begins_like_a_path_of_files(
    admin_api: ApiClient,
) -> None:
    UserFactory.create(username="ufs-1", name="testuser")

    user = info(admin_api, username="ufs-1")

    assert (user["type"], user["name"], user["active"]) == ("user", "testuser", True)


def test_list_shows_all_users(admin_api: ApiClient) -> None:
    [ada] = [user for user in listed(admin_api) if user["username"] == "ada"]

    assert "e2e" not in ada


def test_list_sorts_by_status(admin_api: ApiClient) -> None:
    gone = UserFactory.create(is_active=False)

    fields = {"username": 1, "_id": 1, "active": 1, "status": 1}
    users = listed(admin_api, fields=fields, sort={"status": 1})

    [found] = [user for user in users if user["_id"] == gone.public_id]
    assert found["active"] is False


def test_list_refuses_a_name_that_is_an_expression(admin_api: ApiClient) -> None:
    query = {"name[$regex]": "g", "sort": orjson.dumps({"createdAt": -1})}

    refused(admin_api.get("users.list", query), 400)


def test_list_is_open_to_ordinary_users(plain_api: ApiClient) -> None:
    assert listed(plain_api)


def test_list_shows_administrators_no_invitations(admin_api: ApiClient) -> None:
    query = {"fields": {"inviteToken": 1}, "sort": {"inviteToken": -1}, "count": 100}

    users = listed(admin_api, **query)

    assert users
    assert all("inviteToken" not in user for user in users)


def test_list_shows_ordinary_users_no_invitations(plain_api: ApiClient) -> None:
    query = {"fields": {"inviteToken": 1}, "sort": {"inviteToken": -1}, "count": 100}

    users = listed(plain_api, **query)

    assert users
    assert all("inviteToken" not in user for user in users)


def test_delete_requires_the_permission(plain_user: User, admin_api: ApiClient) -> None:
    withdraw("delete-user")

    answer = admin_api.post("users.delete", {"userId": plain_user.public_id})

    refused(answer, 403, error=UNAUTHORIZED)


def test_deletes_a_user(plain_user: User, admin_api: ApiClient) -> None:
    succeeded(admin_api.post("users.delete", {"userId": plain_user.public_id}))

    assert not User.objects.filter(pk=plain_user.pk).exists()


def test_deletes_the_last_owner_of_a_room_on_confirmation(
    plain_user: User, admin_api: ApiClient
) -> None:
    room = room_of(plain_user)
    room.members.update(is_owner=True)

    body = {"userId": plain_user.public_id, "confirmRelinquish": True}
    succeeded(admin_api.post("users.delete", body))

    assert not User.objects.filter(pk=plain_user.pk).exists()
