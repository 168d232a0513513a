from __future__ import annotations

from typing import Any

from accounts.models import User
from imports_app.models import RoomMember
from tests.conftest import ApiClient
from tests.factories import UserFactory
from tests.workspace import direct_room_of, room_of


def rooms(api: ApiClient, user: User, **query: str) -> Any:
    """Return the rooms that users.info lists; `None` if there are none."""
    keys = {"userId": user.public_id, "includeUserRooms": "true", **query}
    response = api.get("users.info", keys)
    assert response.status_code == 200
    return response.json()["user"].get("rooms")


def test_lists_the_rooms_of_a_user_by_type_and_name(
    plain_user: User, admin_user: User, plain_api: ApiClient, admin_api: ApiClient
) -> None:
    secret = room_of(plain_user, name="secret", type="p", display_name="Secret")
    news = room_of(plain_user, admin_user, name="news")
    direct = direct_room_of(plain_user, admin_user)
    room_of(admin_user, name="elsewhere")
    RoomMember.objects.filter(room=news, user=plain_user).update(is_owner=True)

    listed = rooms(plain_api, plain_user)

    assert listed == [
        {"rid": news.public_id, "name": "news", "t": "c", "roles": ["owner"]}
        | {"unread": 0},
        {"rid": direct.public_id, "name": "ada", "fname": "paula, ada", "t": "d"}
        | {"unread": 0},
        {"rid": secret.public_id, "name": "secret", "fname": "Secret", "t": "p"}
        | {"unread": 0},
    ]
    assert rooms(admin_api, plain_user) == listed
    assert rooms(admin_api, plain_user, fields='{"username":1}') == listed


def test_rooms_of_others_require_the_permission(
    plain_user: User, admin_user: User, plain_api: ApiClient
) -> None:
    room_of(admin_user, plain_user)

    assert rooms(plain_api, admin_user) is None


def test_members_who_may_not_read_a_room_do_not_see_it(
    plain_user: User, plain_api: ApiClient, admin_api: ApiClient
) -> None:
    room_of(plain_user)
    RoomMember.objects.update(is_reader=False)

    assert rooms(plain_api, plain_user) == []
    assert len(rooms(admin_api, plain_user)) == 1


def test_lists_rooms_only_on_request(plain_user: User, plain_api: ApiClient) -> None:
    room_of(plain_user)

    for value in ("false", "", "1"):
        assert rooms(plain_api, plain_user, includeUserRooms=value) is None


def test_takes_a_constant_number_of_queries(
    plain_user: User, plain_api: ApiClient, django_assert_num_queries: Any
) -> None:
    others = [UserFactory.create() for _ in range(3)]
    for number, other in enumerate(others):
        room_of(plain_user, other, name=f"room-{number}")
        direct_room_of(plain_user, other)
    rooms(plain_api, plain_user)  # checks once whether SQLite supports JSON

    with django_assert_num_queries(6):  # credentials, user, 3 relations, rooms
        assert len(rooms(plain_api, plain_user)) == 6
