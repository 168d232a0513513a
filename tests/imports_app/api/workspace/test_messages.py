"""Lists of messages, single messages and threads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import ActivityEntry
from imports_app.models import FileState, Message, MessageFile
from tests.conftest import ApiClient
from tests.imports_app.api.workspace.conftest import Workspace
from tests.imports_app.api.workspace.test_rooms import get
from tests.workspace import START, room_of, say


def texts(body: Any, name: str = "messages") -> list[str]:
    """Return the texts of the messages of a body."""
    return [message["msg"] for message in body[name]]


@pytest.fixture
def thread(workspace: Workspace) -> list[Message]:
    """Messages one, two and three; `two` has a reply, a broadcast, and an orphan."""
    messages = say(workspace.general, workspace.ann, "one", "two", "three")
    two = messages[1].import_id
    messages += say(workspace.general, workspace.bob, "reply", thread=two)
    messages += say(
        workspace.general,
        workspace.ann,
        "broadcast",
        thread=two,
        extras={"broadcast": True},
    )
    messages += say(workspace.general, workspace.ann, "orphan", thread="missing")
    return messages


def test_message_documents(workspace: Workspace, ann_api: ApiClient) -> None:
    ann, bob, room = workspace.ann, workspace.bob, workspace.secret
    [root] = say(
        room,
        ann,
        "hello @bob",
        event="r",
        edited_at=START + timedelta(hours=1),
        extras={
            "alias": "Bot",
            "emoji": ":robot:",
            "bot": True,
            "editor": bob.public_id,
            "mentions": [bob.public_id],
            "reactions": {":tada:": ["ann", "bob"]},
            "attachments": [
                {
                    "title": "Build",
                    "id": 1,
                    "fields": [{"title": "State", "value": "ok", "short": True}],
                    "private": "secret",
                }
            ],
        },
    )
    say(room, bob, "yes", thread=root.import_id)
    say(room, ann, "fine", thread=root.import_id)
    file = MessageFile.objects.create(
        room=room,
        message_import_id=root.import_id,
        source_id="F1",
        name="plan.pdf",
        content_type="application/pdf",
        size=7,
        url="https://files.example.org/plan.pdf?t=secret",
        sent_at=START,
        state=FileState.WAITING,
    )

    body = get(ann_api, "chat.getMessage", msgId=root.import_id)

    document: dict[str, Any] = {"_id": str(file.pk), "name": "plan.pdf", "size": 7}
    document |= {"type": "application/pdf", "format": "pdf"}
    assert body["message"] == {
        "_id": root.import_id,
        "rid": room.public_id,
        "t": "r",
        "msg": "hello @bob",
        "ts": "2024-03-01T09:01:00.000Z",
        "u": {"_id": ann.public_id, "username": "ann", "name": "Ann Lee"},
        "mentions": [
            {"_id": bob.public_id, "username": "bob", "name": "Bob", "type": "user"}
        ],
        "tcount": 2,
        "tlm": "2024-03-01T09:03:00.000Z",
        "replies": sorted([ann.public_id, bob.public_id]),
        "alias": "Bot",
        "emoji": ":robot:",
        "bot": True,
        "editedAt": "2024-03-01T10:00:00.000Z",
        "editedBy": {"_id": bob.public_id, "username": "bob"},
        "reactions": {":tada:": {"usernames": ["ann", "bob"]}},
        "attachments": [
            {
                "title": "Build",
                "fields": [{"title": "State", "value": "ok", "short": True}],
            },
            {"type": "file", "title": "plan.pdf"},
        ],
        "file": document,
        "files": [document],
        "_updatedAt": "2024-03-01T10:00:00.000Z",
    }


def test_messages_of_deleted_users_keep_their_ids(
    workspace: Workspace, reader_api: ApiClient
) -> None:
    [message] = say(workspace.general, workspace.bob, "bye")
    key = workspace.bob.public_id
    workspace.bob.delete()

    found = get(reader_api, "chat.getMessage", msgId=message.import_id)["message"]

    assert found["u"] == {"_id": key, "username": key}


@pytest.mark.parametrize("prefix", ["channels", "groups", "im", "dm"])
def test_messages_of_each_kind(
    workspace: Workspace, ann_api: ApiClient, reader_api: ApiClient, prefix: str
) -> None:
    rooms = {"channels": workspace.general, "groups": workspace.secret}
    room = rooms.get(prefix, workspace.direct)
    say(room, workspace.ann, "one", "two", "three")

    for api in (ann_api, reader_api):
        everything = get(api, f"{prefix}.messages", roomId=room.public_id)
        history = get(api, f"{prefix}.history", roomId=room.public_id)

        assert texts(everything) == texts(history) == ["three", "two", "one"]
        assert (everything["total"], everything["count"]) == (3, 3)


@pytest.mark.usefixtures("thread")
def test_history_hides_replies(workspace: Workspace, ann_api: ApiClient) -> None:
    room: dict[str, Any] = {"roomId": workspace.general.public_id}

    shown = get(ann_api, "channels.history", **room)
    everything = get(ann_api, "channels.history", **room, showThreadMessages="true")
    pages = [
        texts(get(ann_api, "channels.history", **room, offset=offset, count=2))
        for offset in (0, 2, 4, 6)
    ]

    assert texts(shown) == ["orphan", "broadcast", "three", "two", "one"]
    assert texts(everything)[2] == "reply"
    assert pages == [["orphan", "broadcast"], ["three", "two"], ["one"], []]
    orphan, broadcast = shown["messages"][:2]
    assert "tmid" not in orphan
    assert broadcast["tshow"] is True


def test_periods(workspace: Workspace, ann_api: ApiClient) -> None:
    say(workspace.general, workspace.ann, "one", "two", "three", "four")
    room: dict[str, Any] = {"roomId": workspace.general.public_id}
    first, last = "2024-03-01T09:01:00.000Z", "2024-03-01T10:03:00+01:00"

    def found(**params: Any) -> list[str]:
        return texts(get(ann_api, "channels.history", **room, **params))

    assert found(oldest=first, latest=last) == ["two"]
    both: dict[str, Any] = {"oldest": first, "latest": last, "inclusive": "true"}
    assert found(**both) == ["three", "two", "one"]
    assert found(**both, offset=1, count=1) == ["two"]
    assert found(oldest="2024-03-01") == ["four", "three", "two", "one"]
    assert found(latest="2024-03-01") == []
    for wrong in ("soon", "1", "2024-13-01", "-1"):
        body = get(ann_api, "channels.history", 400, **room, oldest=wrong)
        assert body["errorType"] == "invalid-params"


def test_unread_messages(workspace: Workspace, ann_api: ApiClient) -> None:
    say(workspace.general, workspace.ann, "one", "two", "three", "four")
    room: dict[str, Any] = {"roomId": workspace.general.public_id, "unreads": "true"}
    oldest = "2024-03-01T09:01:00.000Z"

    def unread(**params: Any) -> tuple[list[str], int, str | None]:
        body = get(ann_api, "channels.history", **room, **params)
        first = body.get("firstUnread", {}).get("msg")
        return texts(body), body.get("unreadNotLoaded", 0), first

    assert unread() == (["four", "three", "two", "one"], 0, None)
    assert unread(oldest=oldest) == (["four", "three", "two"], 0, None)
    assert unread(oldest=oldest, count=1) == (["four"], 2, "two")
    assert unread(oldest=oldest, count=1, offset=1) == (["three"], 1, "two")
    assert unread(oldest=oldest, count=1, offset=2) == (["two"], 0, None)
    assert unread(oldest=oldest, count=1, offset=9) == ([], 0, None)


def test_order_and_projection(workspace: Workspace, ann_api: ApiClient) -> None:
    say(workspace.general, workspace.ann, "one", "two", "three")
    room: dict[str, Any] = {"roomName": "general"}

    oldest = get(ann_api, "channels.messages", **room, sort='{"ts": 1}', count=2)
    fields = get(ann_api, "channels.messages", **room, fields='{"msg": 1}')

    assert texts(oldest) == ["one", "two"]
    assert {tuple(message) for message in fields["messages"]} == {("_id", "msg")}
    for params in ({"sort": '{"msg": 1}'}, {"query": "{}"}, {"count": "-1"}):
        get(ann_api, "channels.messages", 400, **room, **params)


def test_threads(
    workspace: Workspace, ann_api: ApiClient, thread: list[Message]
) -> None:
    [other] = say(workspace.general, workspace.ann, "other root")
    say(workspace.general, workspace.ann, "later", thread=other.import_id)
    rid = workspace.general.public_id

    threads = get(ann_api, "chat.getThreadsList", rid=rid)
    page = get(ann_api, "chat.getThreadsList", rid=rid, offset=1, count=1)
    filtered = get(ann_api, "chat.getThreadsList", rid=rid, text="OTHER")
    for sort, order in {
        '{"ts": 1}': ["two", "other root"],
        '{"ts": -1}': ["other root", "two"],
        '{"tlm": 1}': ["two", "other root"],
    }.items():
        body = get(ann_api, "chat.getThreadsList", rid=rid, sort=sort)
        assert texts(body, "threads") == order
        paged = get(ann_api, "chat.getThreadsList", rid=rid, sort=sort, offset=1)
        assert texts(paged, "threads") == order[1:]
    for wrong in ('{"msg": 1}', '{"ts": 1, "tlm": 1}'):
        get(ann_api, "chat.getThreadsList", 400, rid=rid, sort=wrong)
    replies = get(ann_api, "chat.getThreadMessages", tmid=thread[1].import_id)
    newest = get(
        ann_api,
        "chat.getThreadMessages",
        tmid=thread[1].import_id,
        sort='{"ts": -1}',
        count=1,
    )

    assert texts(threads, "threads") == ["other root", "two"]
    assert (threads["total"], threads["threads"][1]["tcount"]) == (2, 2)
    assert (texts(page, "threads"), page["total"]) == (["two"], 2)
    assert (texts(filtered, "threads"), filtered["total"]) == (["other root"], 1)
    assert (texts(replies), replies["total"]) == (["reply", "broadcast"], 2)
    assert {message["tmid"] for message in replies["messages"]} == {thread[1].import_id}
    assert texts(newest) == ["broadcast"]


def test_hidden_messages_look_like_missing_ones(
    workspace: Workspace, stranger_api: ApiClient, thread: list[Message]
) -> None:
    for endpoint, name, key, error in (
        ("chat.getMessage", "msgId", thread[1].import_id, None),
        (
            "chat.getThreadMessages",
            "tmid",
            thread[1].import_id,
            "Invalid Message [error-invalid-message]",
        ),
        (
            "chat.getThreadsList",
            "rid",
            workspace.general.public_id,
            "Not Allowed [error-not-allowed]",
        ),
        ("channels.messages", "roomId", workspace.general.public_id, ...),
        ("channels.history", "roomId", workspace.general.public_id, ...),
    ):
        hidden = get(stranger_api, endpoint, 400, **{name: key})
        missing = get(stranger_api, endpoint, 400, **{name: "missing"})
        assert hidden == missing
        if error is not ...:
            assert hidden.get("error") == error
    assert get(stranger_api, "chat.getMessage", 400)["errorType"] == "invalid-params"


def test_the_same_id_in_two_rooms(workspace: Workspace, ann_api: ApiClient) -> None:
    """Shared channels of two workspaces have messages with the same IDs."""
    other = room_of(name="other")
    say(other, workspace.bob, "hidden")
    [message] = say(workspace.general, workspace.ann, "mine")

    found = get(ann_api, "chat.getMessage", msgId=message.import_id)["message"]

    assert found["msg"] == "mine"


def test_reads_are_logged(workspace: Workspace, ann_api: ApiClient) -> None:
    [message] = say(workspace.general, workspace.ann, "one")
    say(workspace.secret, workspace.ann, "two")
    for _ in range(2):
        get(ann_api, "channels.messages", roomName="general")
        get(ann_api, "channels.history", roomName="general")
        get(ann_api, "chat.getMessage", msgId=message.import_id)
        get(ann_api, "groups.messages", roomName="secret")

    entries = ActivityEntry.objects.filter(action="viewed").order_by("pk")

    assert list(entries.values_list("author_name", "name")) == [
        ("ann", f"#general ({workspace.general.public_id})"),
        ("ann", f"#secret ({workspace.secret.public_id})"),
    ]


@pytest.mark.usefixtures("thread")
@pytest.mark.parametrize(
    ("endpoint", "params"),
    [
        ("channels.messages", {"roomName": "general"}),
        ("channels.history", {"roomName": "general", "offset": 1}),
        (
            "channels.history",
            {
                "roomName": "general",
                "unreads": "true",
                "oldest": "2024-03-01",
                "count": 1,
            },
        ),
        ("chat.getMessage", {"msgId": "m-2"}),
        ("chat.getThreadMessages", {"tmid": "m-2"}),
        ("chat.getThreadsList", {"rid": "", "text": "o"}),
    ],
)
def test_statements(
    workspace: Workspace,
    ann_api: ApiClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    endpoint: str,
    params: dict[str, Any],
) -> None:
    if "rid" in params:
        params = {**params, "rid": workspace.general.public_id}
    Message.objects.update(extras={"mentions": [workspace.bob.public_id]})
    get(ann_api, endpoint, **params)  # notes the use of the token and logs the read

    with django_assert_num_queries(3):
        get(ann_api, endpoint, **params)
