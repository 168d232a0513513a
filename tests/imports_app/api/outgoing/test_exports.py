"""Exports through the API."""

from __future__ import annotations

import io
from typing import Any
from zipfile import ZipFile

import orjson
import pytest

from accounts.models import User
from imports_app.models import WorkspaceExport
from tests.conftest import ApiClient, api_client_of
from tests.factories import ImportOperationFactory, RoleFactory, UserFactory
from tests.working import work
from tests.workspace import direct_room_of, room_of, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(admin_user: User) -> User:
    """Somebody who wrote in two rooms."""
    ann: User = UserFactory.create(username="ann")
    say(room_of(ann, admin_user), ann, "one", "two")
    say(direct_room_of(ann, admin_user), admin_user, "psst")
    return ann


def start(api: ApiClient, **body: Any) -> dict[str, Any]:
    answer = api.post("exports", {"format": "slack", **body}).json()
    assert answer["success"], answer
    export: dict[str, Any] = answer["export"]
    return export


def content_of(response: Any) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_from_start_to_download(admin_api: ApiClient, ann: User) -> None:
    started = start(admin_api)
    assert started["state"] == "waiting"
    assert started["selection"] == {}
    path = f"exports/{started['id']}"
    before = admin_api.get(path)
    unchanged = admin_api.get(path, headers={"If-None-Match": before["ETag"]})
    assert unchanged.status_code == 304

    work()

    after = admin_api.get(path, headers={"If-None-Match": before["ETag"]})
    export = after.json()["export"]
    assert (export["state"], export["messages"], export["users"]) == ("completed", 3, 2)
    assert export["progress"] == {"messages": 3, "total": 3}
    assert [one["file"] for one in export["archives"]] == ["part-001.zip"]
    assert export["notIncluded"] == []
    response = admin_api.get(f"{path}/file")
    assert response["Content-Length"] == str(export["bytes"])
    assert "channels.json" in content_of(response)
    assert admin_api.get(f"{path}/file?part=part-002.zip").json()["errorType"] == (
        "error-export-not-stored"
    )
    assert admin_api.get(f"{path}/file?part=../../secret").status_code == 400


def test_several_archives_in_one(admin_api: ApiClient, ann: User) -> None:
    started = start(admin_api, maxMessages=1)
    work()

    path = f"exports/{started['id']}/file"
    found = content_of(admin_api.get(path))

    manifest = orjson.loads(found["export.json"])
    names = [one["file"] for one in manifest["archives"]]
    assert len(names) >= 3
    assert found.keys() == {*names, "export.json"}
    part = admin_api.get(path, {"part": names[1]})
    assert b"".join(part.streaming_content) == found[names[1]]


def test_selections(admin_api: ApiClient, ann: User) -> None:
    everything = {
        "rooms": ["general"],
        "users": ["ann"],
        "since": "2024-03-01",
        "until": "2024-03-01",
    }
    started = start(admin_api, **everything)
    work()

    export = admin_api.get(f"exports/{started['id']}").json()["export"]
    assert export["selection"] == {
        **everything,
        "rooms": [export["rooms"][0]["id"]],
        "users": [ann.public_id],
    }
    assert [room["messages"] for room in export["rooms"]] == [2]
    for selection, number in (({"users": ["ann"]}, 2), ({"until": "2024-02-29"}, 0)):
        chosen = start(admin_api, **selection)
        work()
        answer = admin_api.get(f"exports/{chosen['id']}").json()
        assert answer["export"]["messages"] == number


def test_refusals(admin_api: ApiClient, ann: User) -> None:
    operation = ImportOperationFactory.create()
    for body, error in (
        ({"format": "word"}, "invalid-params"),
        ({"rooms": ["nowhere"]}, "error-export-selection-unknown"),
        ({"users": ["nobody"]}, "error-export-selection-unknown"),
        ({"operation": "nothing"}, "error-export-selection-unknown"),
        ({"operation": operation.public_id}, "error-import-result-unknown"),
        ({"since": "yesterday"}, "invalid-params"),
        ({"team": "acme"}, "error-export-refused"),
        ({"format": "mattermost"}, "error-export-refused"),
        ({"format": "mattermost", "reactions": True}, "error-export-refused"),
        ({"files": "links"}, "error-no-base-url"),
        ({"other": 1}, "invalid-params"),
    ):
        answer = admin_api.post("exports", {"format": "slack", **body})
        assert (answer.status_code, answer.json()["errorType"]) == (400, error), body
    assert not WorkspaceExport.objects.exists()


def test_cancel_and_delete(admin_api: ApiClient, ann: User) -> None:
    started = start(admin_api)
    path = f"exports/{started['id']}"

    cancelled = admin_api.post(f"{path}/cancel").json()["export"]

    assert cancelled["state"] == "cancelled"
    again = admin_api.post(f"{path}/cancel").json()
    assert again["errorType"] == "error-export-ended"
    missing = admin_api.get(f"{path}/file").json()
    assert missing["errorType"] == "error-export-not-stored"
    assert admin_api.request("DELETE", path).json() == {"success": True}
    assert admin_api.get(path).status_code == 404


def test_pages_of_the_list(admin_api: ApiClient, ann: User) -> None:
    ids = [start(admin_api)["id"] for _number in range(3)]

    first = admin_api.get("exports", {"count": 2})
    page = first.json()
    rest = admin_api.get("exports", {"cursor": page["cursor"]}).json()

    assert [one["id"] for one in page["exports"] + rest["exports"]] == ids[::-1]
    assert rest["cursor"] is None
    tag = {"If-None-Match": first["ETag"]}
    assert admin_api.get("exports", {"count": 2}, headers=tag).status_code == 304
    admin_api.post(f"exports/{ids[0]}/cancel")
    assert admin_api.get("exports", {"count": 2}, headers=tag).status_code == 200


@pytest.mark.parametrize(
    "held", ["view-room-administration", "view-user-administration"]
)
def test_both_permissions_are_needed(
    admin_api: ApiClient, ann: User, held: str
) -> None:
    role = RoleFactory.create(permissions=[held, "run-import"])
    api = api_client_of(UserFactory.create(roles=[role]))
    started = start(admin_api)
    work()
    path = f"exports/{started['id']}"

    answers = [
        api.post("exports", {"format": "slack"}),
        api.get(f"{path}/file"),
        api.post(f"{path}/cancel"),
        api.request("DELETE", path),
    ]

    assert {answer.status_code for answer in answers} <= {400, 403}
    assert WorkspaceExport.objects.count() == 1
