"""Search in a room, lists of files, and their contents."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from pytest_django import DjangoAssertNumQueries

from accounts.models import ActivityEntry
from config.files.stored_files import imported_files
from imports_app.engine.background.search_indexing import index_messages
from imports_app.models import FileState, MessageFile, Room
from tests.conftest import ApiClient
from tests.imports_app.api.workspace.conftest import Workspace
from tests.imports_app.api.workspace.test_messages import texts
from tests.imports_app.api.workspace.test_rooms import get
from tests.workspace import START, say


@pytest.fixture
def said(workspace: Workspace) -> Room:
    """The private room with indexed messages, and one that is not indexed yet."""
    say(workspace.general, workspace.bob, "apple everywhere")
    say(workspace.secret, workspace.ann, "red apple", "green Apple tree", "pear")
    index_messages()
    say(workspace.secret, workspace.ann, "new apple tree")
    return workspace.secret


@pytest.fixture
def files(workspace: Workspace) -> list[MessageFile]:
    """Files of the private room: a stored image, and a document that is not stored."""
    [message] = say(workspace.secret, workspace.ann, "see files")
    stored_name = imported_files().save("stored", ContentFile(b"content"))
    rows = (
        ("b.png", "image/png", FileState.STORED, stored_name),
        ("a.pdf", "application/pdf", FileState.WAITING, ""),
    )
    return [
        MessageFile.objects.create(
            room=workspace.secret,
            message_import_id=message.import_id,
            source_id=f"F-{name}",
            name=name,
            content_type=content_type,
            size=7,
            url=f"https://files.example.org/{name}?t=secret",
            sent_at=START,
            state=state,
            stored_name=stored,
        )
        for name, content_type, state, stored in rows
    ]


def test_search(said: Room, ann_api: ApiClient) -> None:
    def found(text: str, **page: Any) -> list[str]:
        params = {"roomId": said.public_id, "searchText": text, **page}
        return texts(get(ann_api, "chat.search", **params))

    assert found("apple") == ["new apple tree", "green Apple tree", "red apple"]
    assert found("TREE apple") == ["new apple tree", "green Apple tree"]
    assert found("apple", count=1, offset=1) == ["green Apple tree"]
    assert found("apple", offset=10**6) == found("plum") == found("?!") == []


def test_search_errors(said: Room, ann_api: ApiClient, stranger_api: ApiClient) -> None:
    room = {"roomId": said.public_id}
    unnamed = get(ann_api, "chat.search", 400, roomId="", searchText="apple")
    empty = get(ann_api, "chat.search", 400, **room, searchText="")
    words = " ".join("abcdefghijklmnopqrstu")
    many = get(ann_api, "chat.search", 400, **room, searchText=words)
    hidden = get(stranger_api, "chat.search", 400, **room, searchText="apple")
    missing = get(stranger_api, "chat.search", 400, roomId="x", searchText="apple")

    assert unnamed["errorType"] == "error-roomId-param-not-provided"
    assert empty["errorType"] == "error-searchText-param-not-provided"
    assert many["errorType"] == "invalid-params"
    assert hidden == missing == {"success": False}


def test_file_documents(
    workspace: Workspace, ann_api: ApiClient, files: list[MessageFile]
) -> None:
    body = get(ann_api, "groups.files", roomName="secret")

    user = {"_id": workspace.ann.public_id, "username": "ann", "name": "Ann Lee"}
    path = f"/api/v1/file-upload/{files[0].pk}"
    shared = {
        "size": 7,
        "rid": workspace.secret.public_id,
        "userId": workspace.ann.public_id,
        "user": user,
        "uploadedAt": "2024-03-01T09:00:00.000Z",
        "_updatedAt": "2024-03-01T09:00:00.000Z",
    }
    assert body["files"] == [
        {
            "_id": str(files[1].pk),
            "name": "a.pdf",
            "type": "application/pdf",
            "typeGroup": "application",
            "complete": False,
            **shared,
        },
        {
            "_id": str(files[0].pk),
            "name": "b.png",
            "type": "image/png",
            "typeGroup": "image",
            "complete": True,
            "path": path,
            "url": path,
            **shared,
        },
    ]
    assert (body["count"], body["offset"], body["total"]) == (2, 0, 2)
    [message] = get(ann_api, "groups.messages", roomName="secret")["messages"]
    assert message["attachments"][0] == {
        "type": "file",
        "title": "b.png",
        "title_link": path,
        "title_link_download": True,
        "image_url": path,
        "image_type": "image/png",
    }
    assert b"t=secret" not in ann_api.get("groups.files?roomName=secret").content


@pytest.mark.usefixtures("files")
def test_file_filters_and_pages(workspace: Workspace, ann_api: ApiClient) -> None:
    def found(**params: Any) -> tuple[list[str], int]:
        body = get(ann_api, "groups.files", roomName="secret", **params)
        return [file["name"] for file in body["files"]], body["total"]

    assert found(name="B.") == (["b.png"], 1)
    assert found(typeGroup="application") == (["a.pdf"], 1)
    assert found(onlyConfirmed="true") == (["b.png"], 1)
    assert found(offset=1, count=1) == (["b.png"], 2)
    assert found(sort='{"name": -1}') == (["b.png", "a.pdf"], 2)
    get(ann_api, "groups.files", 400, roomName="secret", query="{}")
    assert get(ann_api, "im.files", username="bob")["files"] == []


def test_contents_of_files(
    ann_api: ApiClient,
    reader_api: ApiClient,
    stranger_api: ApiClient,
    files: list[MessageFile],
) -> None:
    for api in (ann_api, reader_api):
        response = api.get(f"file-upload/{files[0].pk}")
        assert b"".join(response.streaming_content) == b"content"
        assert response.headers["Content-Disposition"].startswith("attachment")
    hidden = [
        api.get(f"file-upload/{key}")
        for api, key in (
            (stranger_api, files[0].pk),
            (ann_api, files[1].pk),
            (ann_api, "9" * 18),
            (ann_api, "9" * 30),
            (ann_api, "x"),
        )
    ]

    assert {(one.status_code, one.content) for one in hidden} == {
        (404, hidden[-1].content)
    }
    assert ActivityEntry.objects.filter(action="downloaded").count() == 2


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("endpoint", ["chat.search", "groups.files"])
def test_statements(
    said: Room,
    ann_api: ApiClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    endpoint: str,
) -> None:
    params = {"roomId": said.public_id}
    if endpoint == "chat.search":
        params["searchText"] = "apple"
    get(ann_api, endpoint, 200, **params)  # notes the token's use; logs the read

    with django_assert_num_queries(3):
        get(ann_api, endpoint, 200, **params)
