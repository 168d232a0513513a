"""Endpoints of connected servers, and the mirror in importOperations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import ActivityEntry
from imports_app.models import MirroredOperation, Server
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory, ServerFactory
from tests.fakes.rocketchat import FakeRocketChat, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(settings: Settings) -> Iterator[FakeRocketChat]:
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]
    with serving(FakeRocketChat()) as fake:
        yield fake


def test_a_server_is_connected_checked_changed_and_deleted(
    admin_api: ApiClient, fake: FakeRocketChat
) -> None:
    new = {
        "name": "team",
        "address": f"{fake.url}/",
        "userId": fake.admin.id,
        "token": fake.token,
    }

    created = admin_api.post("servers", new)
    checked = admin_api.post("servers/team/check")
    changed = admin_api.request(
        "PUT",
        "servers/team",
        data=json.dumps({"enabled": False}),
        content_type="application/json",
    )
    listed = admin_api.get("servers")
    deleted = admin_api.request("DELETE", "servers/team")

    assert created.json()["server"] == {
        "name": "team",
        "kind": "rocketchat",
        "address": fake.url,
        "userId": fake.admin.id,
        "enabled": True,
        "findings": [],
    }
    document = checked.json()["server"]
    assert document["version"] == "8.2.1"
    assert {one["level"] for one in document["findings"]} == {"ok"}
    assert changed.json()["server"]["enabled"] is False
    assert [one["name"] for one in listed.json()["servers"]] == ["team"]
    assert deleted.json() == {"success": True}
    assert admin_api.get("servers/team").status_code == 404
    stored = f"{[one.content for one in (created, checked, changed, listed)]}"
    stored += str(list(ActivityEntry.objects.values()))
    assert fake.token not in stored


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "not a slug"}, "error-invalid-server"),
        ({"userId": "a\r\nX-Injected: b"}, "error-invalid-server"),
        ({"token": "a b"}, "error-server-token-required"),
        ({"address": "http://127.0.0.2"}, "error-invalid-server-address"),
        ({"name": "taken"}, "error-invalid-server"),
        ({"more": 1}, "invalid-params"),
    ],
)
def test_refuses_values(
    admin_api: ApiClient, fake: FakeRocketChat, change: dict[str, Any], code: str
) -> None:
    ServerFactory.create(name="taken")
    new = {"name": "a", "address": fake.url, "userId": "x", "token": "x", **change}

    refused = admin_api.post("servers", new)

    assert (refused.status_code, refused.json()["errorType"]) == (400, code)
    assert Server.objects.count() == 1


def test_another_address_needs_the_token(
    admin_api: ApiClient, fake: FakeRocketChat
) -> None:
    server = ServerFactory.create()

    refused = admin_api.request(
        "PUT",
        f"servers/{server.name}",
        data=json.dumps({"address": fake.url}),
        content_type="application/json",
    )

    assert refused.json()["errorType"] == "error-server-token-required"
    assert Server.objects.get().base_address == server.base_address


def mirrored(server: Server, number: int, **values: Any) -> MirroredOperation:
    moment = datetime(2026, 1, number, tzinfo=UTC)
    return MirroredOperation.objects.create(
        server=server,
        public_id=f"operation{number}",
        importer_name="CSV",
        importer_key="csv",
        created_at=moment,
        updated_at=moment,
        user_id="rocket",
        **{"status": "importer_done", "is_valid": True, **values},
    )


def test_lists_the_operations_of_a_server(admin_api: ApiClient) -> None:
    server, other = ServerFactory.create_batch(2)
    ImportOperationFactory.create()
    mirrored(other, 9)
    mirrored(server, 1, file_name="a.zip", count_total=5)
    mirrored(server, 2, status="importer_import_failed")
    query = {"server": server.name}

    first = admin_api.get("importOperations", {**query, "count": 1}).json()
    second = admin_api.get(
        "importOperations", {**query, "count": 1, "cursor": first["cursor"]}
    ).json()
    failed = admin_api.get("importOperations", {**query, "hasErrors": "true"}).json()

    assert [one["_id"] for one in first["operations"]] == ["operation2"]
    assert second["operations"] == [
        {
            "_id": "operation1",
            "type": "CSV",
            "importerKey": "csv",
            "ts": 1_767_225_600_000,
            "status": "importer_done",
            "valid": True,
            "user": "rocket",
            "_updatedAt": "2026-01-01T00:00:00.000Z",
            "file": "a.zip",
            "count": {"total": 5},
        }
    ]
    assert second["cursor"] is None
    assert [one["_id"] for one in failed["operations"]] == ["operation2"]


def test_an_unknown_server_is_refused_in_words(admin_api: ApiClient) -> None:
    refused = admin_api.get("importOperations", {"server": "nowhere"})

    assert refused.status_code == 400
    assert "no connected server 'nowhere'" in refused.json()["error"]


def test_the_latest_list_stays_ours(admin_api: ApiClient) -> None:
    mirrored(ServerFactory.create(), 1)

    assert admin_api.get("getLatestImportOperations").json() == []
    assert admin_api.get("importOperations").json()["operations"] == []
