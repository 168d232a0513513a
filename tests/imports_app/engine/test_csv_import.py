"""A complete CSV import through the API."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from accounts.models import User
from imports_app.models import ImportRecord, KindCount, Message, Room
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.archives.expectation import Expectation, Failure
from tests.archives.workspace import read_rooms
from tests.conftest import ApiClient
from tests.working import work

EVERYTHING = {"users": {"all": True}, "channels": {"all": True}}


def import_archive(api: ApiClient, path: Path) -> Any:
    """Upload, read, select everything and run; return the operation's page."""
    body = {
        "binaryContent": base64.b64encode(path.read_bytes()).decode(),
        "contentType": "application/zip",
        "fileName": path.name,
        "importerKey": "csv",
    }
    assert api.post("uploadImportFile", body).json() == {"success": True}
    assert api.get("getImportFileData").json() == {"waiting": True, "success": True}
    work()
    selection = api.get("getImportFileData").json()
    assert selection["success"]
    started = api.post("startImport", {"input": EVERYTHING})
    assert started.json() == {"success": True}
    work()
    operation = api.get("getCurrentImportOperation").json()["operation"]
    return api.get(f"importOperations/{operation['_id']}").json()["operation"]


def failures_in(api: ApiClient, operation_id: str) -> list[Failure]:
    """Return all failed records, page by page."""
    found: list[Failure] = []
    params = {"outcome": "failed", "count": "3"}
    while True:
        body = api.get(f"importOperations/{operation_id}/records", params).json()
        found += [
            Failure(row["file"], row["line"], row["code"]) for row in body["records"]
        ]
        if body["cursor"] is None:
            return found
        params["cursor"] = body["cursor"]


def assert_as_expected(expectation: Expectation, rooms: Any) -> None:
    """Compare the workspace with the archive."""
    assert rooms.keys() == expectation.rooms.keys()
    for name, (kind, members, said) in rooms.items():
        assert kind == expectation.rooms[name], name
        assert said == expectation.messages.get(name, []), name
        assert set(expectation.members[name]) <= set(members), name


def assert_outcomes_sum_to_total(operation: Any) -> None:
    """Check that every record has exactly one outcome."""
    for count in operation["progress"]["kinds"].values():
        parts = ("imported", "updated", "unchanged", "skipped", "failed")
        assert count["staged"] == sum(count[part] for part in parts)


def test_imports_the_whole_archive(admin_api: ApiClient, tmp_path: Path) -> None:
    path = tmp_path / "team.zip"
    expectation = write_csv_archive(path, Plan(messages=10_000))

    operation = import_archive(admin_api, path)

    assert operation["status"] == "importer_done"
    assert_as_expected(expectation, read_rooms())
    usernames = set(User.objects.values_list("username", flat=True))
    assert usernames == {*expectation.users, "ada"}
    found = failures_in(admin_api, operation["_id"])
    assert sorted(found) == sorted(expectation.failures)
    assert_outcomes_sum_to_total(operation)
    count = operation["count"]
    assert count["completed"] + count["error"] == count["total"]
    assert count["error"] == len(expectation.failures)


def test_reimport_adds_nothing(admin_api: ApiClient, tmp_path: Path) -> None:
    path = tmp_path / "team.zip"
    write_csv_archive(path, Plan(messages=300))
    import_archive(admin_api, path)
    before = read_rooms()
    users = User.objects.count()

    operation = import_archive(admin_api, path)

    assert read_rooms() == before
    assert User.objects.count() == users
    kinds = operation["progress"]["kinds"]
    assert {kind: count["imported"] for kind, count in kinds.items()} == {
        "user": 0,
        "channel": 0,
        "message": 0,
        "contact": 0,
    }
    assert_outcomes_sum_to_total(operation)


def test_rooms_count_imported_messages(admin_api: ApiClient, tmp_path: Path) -> None:
    path = tmp_path / "team.zip"
    expectation = write_csv_archive(path, Plan(messages=300))

    import_archive(admin_api, path)

    for room in Room.objects.all():
        messages = Message.objects.history(room.pk)
        assert room.message_count == messages.count()
        last = messages.last()
        assert room.last_message_at == (last.sent_at if last else None)
    assert sum(expectation.counts.values()) == Message.objects.count()
    assert not ImportRecord.objects.filter(kind="message", outcome="imported").exists()
    assert KindCount.objects.filter(kind="message").exists()
