"""Whole imports with docs/clients/import_client.py, on a server of its own."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.clients.import_client import ImportApiError, ImportClient
from tests.imports_app.api.importing import SMALL, packed
from tests.live import free_port, running_server

pytestmark = pytest.mark.clients

OTHERS = {
    "users.csv": "dan,dan@example.org,Dan\neve,,Eve\n",
    "channels.csv": "shed,dan,public,eve\n",
}
"""Users and rooms that the other archive does not have: the tests share a server."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImportClient]:
    """The demo's importer, logged in."""
    data, port = tmp_path_factory.mktemp("data"), free_port()
    options = ("--workers", "1")
    with (
        running_server(data, port, *options, demo=True, RATE_LIMIT="off"),
        ImportClient.login(
            f"http://127.0.0.1:{port}", "importer", "import-demo"
        ) as client,
    ):
        yield client


@pytest.fixture
def others(tmp_path: Path) -> Path:
    archive = tmp_path / "others.zip"
    archive.write_bytes(packed(OTHERS))
    return archive


def test_imports_and_undoes_an_archive(client: ImportClient, tmp_path: Path) -> None:
    archive = tmp_path / "team.zip"
    archive.write_bytes(packed(SMALL))

    operation = client.upload(archive)
    data = client.read_data()
    client.start()
    done = client.wait(operation["_id"])
    progress = client.progress()
    [failed] = client.failures(operation["_id"])
    imported = list(client.records(operation["_id"], kind="user"))
    failures = tmp_path / "failures.zip"
    client.download_failures(operation["_id"], failures)
    preview = client.preview_undo(operation["_id"])
    undone = client.wait(client.undo(operation["_id"])["_id"])

    assert operation["importerKey"] == "csv"
    assert [user["username"] for user in data["users"]] == ["ann", "bo"]
    assert done["status"] == "importer_done"
    assert progress["count"] == {"total": 9, "completed": 8, "error": 1}
    assert (failed["file"], failed["line"]) == ("news/1.csv", 2)
    assert {record["outcome"] for record in imported} <= {"imported", "updated"}
    assert zipfile.is_zipfile(failures)
    assert preview["removed"]["user"] == 2
    assert undone["undoOf"] == operation["_id"]
    assert undone["_id"] in [found["_id"] for found in client.latest()]


def test_uploads_in_parts_and_selects(client: ImportClient, others: Path) -> None:
    operation = client.upload_resumable(others, importer="csv", part_bytes=100)
    client.read_data()
    client.start(users=["dan"], channels=[])
    done = client.wait(operation["_id"])

    kinds = done["progress"]["kinds"]
    assert (kinds["user"]["imported"], kinds["user"]["skipped"]) == (1, 1)
    assert operation["_id"] in [found["_id"] for found in client.operations()]


def test_follows_the_events(client: ImportClient, others: Path) -> None:
    operation = client.upload(others)
    client.read_data()
    client.start(users=[], channels=[])

    events = client.events(operation["_id"])
    last = next(event for event in events if event.data.get("to") == "importer_done")
    events.close()
    timeline = client.operation(operation["_id"])["timeline"]
    again = client.events(operation["_id"], after=str(int(last.id or 0) - 1))

    assert (last.name, last.data["operation"]) == ("timeline", operation["_id"])
    assert last.data["ts"] in [entry["ts"] for entry in timeline]
    assert next(again) == last
    again.close()


def test_cancels(client: ImportClient, others: Path) -> None:
    operation = client.upload(others)
    client.cancel(operation["_id"])

    ended = client.wait(operation["_id"])

    assert ended["valid"] is False
    with pytest.raises(ImportApiError, match="error-operation-not-found") as refused:
        client.start()
    assert refused.value.status == 400


def test_a_refused_login_is_an_error(client: ImportClient) -> None:
    with pytest.raises(ImportApiError, match="Unauthorized") as refused:
        ImportClient.login(client._base.removesuffix("/api/v1/"), "importer", "wrong")

    assert (refused.value.status, refused.value.code) == (401, None)
