"""Lists of rooms, rooms and members."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from imports_app.models import RoomMember
from tests.conftest import ApiClient
from tests.factories import UserFactory
from tests.imports_app.api.workspace.conftest import Workspace
from tests.workspace import room_of, say

KINDS = {"channels": "general", "groups": "secret", "im": "direct", "dm": "direct"}
LISTS = {"channels": "channels", "groups": "groups", "im": "ims", "dm": "ims"}
ONE = {"channels": "channel", "groups": "group", "im": "room", "dm": "room"}
NOT_FOUND = {
    "channels": '"roomId" or "roomName" param provided does not match any channel',
    "groups": '"roomId" or "roomName" param provided does not match any group',
    "im": '"roomId" or "username" param provided does not match any direct message',
    "dm": '"roomId" or "username" param provided does not match any direct message',
}


def get(api: ApiClient, endpoint: str, status: int = 200, **params: Any) -> Any:
    """Call an endpoint and return its body."""
    response = api.get(endpoint, params)
    assert response.status_code == status, response.content
    return response.json()


def test_room_documents(workspace: Workspace, reader_api: ApiClient) -> None:
    say(workspace.secret, workspace.ann, "hello")

    body = get(reader_api, "groups.info", roomName="secret")

    created = workspace.secret.created_at.isoformat(timespec="milliseconds")[:-6] + "Z"
    assert body == {
        "group": {
            "_id": workspace.secret.public_id,
            "name": "secret",
            "fname": "secret",
            "t": "p",
            "msgs": 1,
            "usersCount": 1,
            "u": {"_id": workspace.ann.public_id, "username": "ann", "name": "Ann Lee"},
            "ts": created,
            "lm": "2024-03-01T09:01:00.000Z",
            "topic": "Plans",
            "ro": False,
            "sysMes": True,
            "default": False,
            "broadcast": False,
            "encrypted": False,
            "customFields": {},
            "_updatedAt": created,
        },
        "success": True,
    }
    direct = get(reader_api, "im.info", roomId=workspace.direct.public_id)["room"]
    assert direct["usernames"] == ["ann", "bob"]
    assert direct["uids"] == [workspace.ann.public_id, workspace.bob.public_id]
    assert not {"name", "fname", "u", "lm", "topic"} & direct.keys()


@pytest.mark.parametrize("prefix", KINDS)
def test_lists_only_rooms_that_the_caller_may_read(
    workspace: Workspace,
    ann_api: ApiClient,
    reader_api: ApiClient,
    stranger_api: ApiClient,
    prefix: str,
) -> None:
    room_of(name="empty", type="c")
    room_of(name="empty-too", type="p")

    lists = [get(api, f"{prefix}.list") for api in (ann_api, reader_api, stranger_api)]

    room = getattr(workspace, KINDS[prefix])
    counts = [len(body[LISTS[prefix]]) for body in lists]
    assert counts == [1, 1 if room.type == "d" else 2, 0]
    assert [body["total"] for body in lists] == counts
    assert [body["count"] for body in lists] == counts
    assert lists[0][LISTS[prefix]][0]["_id"] == room.public_id


@pytest.mark.parametrize("prefix", KINDS)
@pytest.mark.parametrize("action", ["info", "members"])
def test_hidden_rooms_look_like_missing_ones(
    workspace: Workspace, stranger_api: ApiClient, prefix: str, action: str
) -> None:
    room = getattr(workspace, KINDS[prefix])
    key = "username" if room.type == "d" else "roomName"
    name = "bob" if room.type == "d" else room.name
    wrong_kind = workspace.general if room.type != "c" else workspace.secret

    bodies = [
        get(stranger_api, f"{prefix}.{action}", 400, **params)
        for params in (
            {"roomId": room.public_id},
            {key: name},
            {"roomId": "missing"},
            {"roomId": wrong_kind.public_id},
        )
    ]

    error = f"The required {NOT_FOUND[prefix]} [error-room-not-found]"
    assert bodies == [
        {"success": False, "error": error, "errorType": "error-room-not-found"}
    ] * len(bodies)
    unnamed = get(stranger_api, f"{prefix}.{action}", 400)
    code = "error-room" if room.type == "d" else "error-roomid"
    assert unnamed["errorType"] == f"{code}-param-not-provided"


def test_rooms_info_finds_rooms_of_all_kinds(
    workspace: Workspace, ann_api: ApiClient, stranger_api: ApiClient
) -> None:
    rooms = (workspace.general, workspace.secret, workspace.direct)

    found = [get(ann_api, "rooms.info", roomId=room.public_id) for room in rooms]
    hidden = [
        get(stranger_api, "rooms.info", 400, roomId=key)
        for key in (*(room.public_id for room in rooms), "missing")
    ]

    assert [body["room"]["t"] for body in found] == ["c", "p", "d"]
    assert hidden == [hidden[-1]] * 4


def test_direct_messages_by_username(
    workspace: Workspace, ann_api: ApiClient, reader_api: ApiClient
) -> None:
    found = get(ann_api, "im.info", username="BOB")["room"]

    assert found["_id"] == workspace.direct.public_id
    for api, name in ((ann_api, "ann"), (ann_api, "nobody"), (reader_api, "ann")):
        get(api, "im.info", 400, username=name)


def test_members_who_are_no_readers_see_nothing(
    workspace: Workspace, ann_api: ApiClient
) -> None:
    RoomMember.objects.update(is_reader=False)

    assert get(ann_api, "groups.list")["groups"] == []
    get(ann_api, "groups.info", 400, roomName="secret")
    get(ann_api, "im.info", 400, username="bob")


def test_members(workspace: Workspace, reader_api: ApiClient) -> None:
    everyone = get(reader_api, "channels.members", roomName="general")
    page = get(reader_api, "channels.members", roomName="general", offset=1, count=1)
    filtered = get(reader_api, "channels.members", roomName="general", filter="LEE")
    owner = get(reader_api, "groups.members", roomName="secret")["members"][0]
    direct = get(reader_api, "im.members", roomId=workspace.direct.public_id)

    names = [member["username"] for member in everyone["members"]]
    assert (names, everyone["total"]) == (["ann", "bob"], 2)
    assert (
        everyone["members"][0].items()
        >= {
            "_id": workspace.ann.public_id,
            "name": "Ann Lee",
            "status": "offline",
            "active": True,
        }.items()
    )
    assert everyone["members"][1]["active"] is False
    assert [member["username"] for member in page["members"]] == ["bob"]
    assert (page["offset"], page["count"], page["total"]) == (1, 1, 2)
    assert [member["username"] for member in filtered["members"]] == ["ann"]
    assert filtered["total"] == 1
    assert owner["roles"] == ["owner"]
    assert [member["username"] for member in direct["members"]] == ["ann", "bob"]


def test_sort_fields_and_pages(workspace: Workspace, reader_api: ApiClient) -> None:
    say(room_of(name="alpha"), workspace.ann, "one")
    by_name = get(reader_api, "channels.list", sort='{"name": -1}')["channels"]
    by_messages = get(
        reader_api, "channels.list", sort='{"msgs": -1}', fields='{"name": 1}', count=1
    )
    last = get(reader_api, "channels.list", offset=1)

    assert [room["name"] for room in by_name] == ["general", "alpha"]
    assert [set(room) for room in by_messages["channels"]] == [{"_id", "name"}]
    assert by_messages["channels"][0]["name"] == "alpha"
    assert [room["name"] for room in last["channels"]] == ["general"]
    assert last["total"] == 2
    for params in ({"sort": '{"topic": 1}'}, {"query": "{}"}, {"fields": "x"}):
        get(reader_api, "channels.list", 400, **params)


@pytest.mark.parametrize(
    ("endpoint", "params", "queries"),
    [
        ("channels.list", {}, 3),
        ("im.list", {}, 3),
        ("groups.info", {"roomName": "secret"}, 2),
        ("rooms.info", {"roomName": "secret"}, 2),
        ("im.info", {"username": "bob"}, 2),
        ("channels.members", {"roomName": "general", "filter": "a"}, 3),
    ],
)
def test_statements(
    workspace: Workspace,
    ann_api: ApiClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    endpoint: str,
    params: dict[str, Any],
    queries: int,
) -> None:
    for number in range(3):
        room_of(workspace.ann, UserFactory.create(), name=f"room-{number}")
    get(ann_api, endpoint, **params)  # notes the use of the token

    with django_assert_num_queries(queries):
        get(ann_api, endpoint, **params)
