"""A whole import by the unmodified Python client, on a server of its own."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from rocketchat_API import rocketchat

from tests.imports_app.api.importing import EVERYTHING, SMALL, packed
from tests.live import free_port, running_server, wait_for

pytestmark = pytest.mark.clients


@pytest.fixture
def client(tmp_path: Path) -> Any:
    """The demo's importer, logged in; asks as often as a slow machine makes it."""
    port = free_port()
    options = ("--workers", "1")
    with running_server(tmp_path, port, *options, demo=True, RATE_LIMIT="off"):
        yield rocketchat.RocketChat(
            server_url=f"http://127.0.0.1:{port}",
            user="importer",
            password="import-demo",
        )


def test_imports_a_csv_archive(client: Any) -> None:
    client.call_api_post(
        "uploadImportFile",
        binaryContent=base64.b64encode(packed(SMALL)).decode(),
        contentType="application/zip",
        fileName="team.zip",
        importerKey="csv",
    )
    wait_for(lambda: "users" in client.call_api_get("getImportFileData"))
    data = client.call_api_get("getImportFileData")
    started = client.call_api_post("startImport", input=EVERYTHING)
    wait_for(lambda: client.call_api_get("import.status")["state"] == "done")
    progress = client.call_api_get("getImportProgress")
    latest = client.call_api_get("getLatestImportOperations")

    assert [user["username"] for user in data["users"]] == ["ann", "bo"]
    assert started == {"success": True}
    assert progress["count"] == {"total": 9, "completed": 8, "error": 1}
    assert latest[0]["status"] == "importer_done"
    assert client.users_info(username="ann")["user"]["name"] == "Ann Lee"


def test_imports_users_that_are_pushed(client: Any) -> None:
    client.call_api_post("import.new")
    person = {"emails": ["cy@example.org"], "importIds": ["U1"], "username": "cy"}
    client.call_api_post("import.addUsers", users=[person])
    client.call_api_post("import.run")
    wait_for(lambda: client.call_api_get("import.status")["state"] == "done")

    # Import IDs of others are shown to those who administer users.
    admin = rocketchat.RocketChat(
        server_url=client.server_url, user="admin", password="import-demo"
    )
    found = admin.call_api_get("users.info", importId="U1")
    assert found["user"]["username"] == "cy"
    client.call_api_post("import.clear")
    assert client.call_api_get("import.status")["operation"]["valid"] is False
