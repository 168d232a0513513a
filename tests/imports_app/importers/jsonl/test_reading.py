"""JSONL exports are untrusted: what they may contain, and what they may not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from imports_app.errors import SourceError
from imports_app.importers.base import ImportContext
from imports_app.importers.detection.source import detect_source
from imports_app.importers.jsonl import archive
from imports_app.importers.jsonl.archive import JsonlImporter
from imports_app.importers.reading_options import ReadingOptions
from imports_app.models import ImportOperation, Message, Room
from imports_app.records import (
    BadRecord,
    ChannelRecord,
    MessageRecord,
    SourceItem,
    UserRecord,
)
from tests.conftest import ApiClient
from tests.imports_app.exporters.jsonl.test_round_trip import import_export
from tests.imports_app.importers.reading import LIMITS, check, pack, read
from tests.working import work

HEADER = {
    "kind": "header",
    "format": "import-server-export",
    "version": 1,
    "workspace": "T1",
}
ANN = {"kind": "user", "id": "U1", "username": "ann", "active": True}
NEWS = {"kind": "room", "id": "R1", "t": "c", "name": "news", "u": {"id": "U1"}}
HELLO = {
    "kind": "message",
    "id": "M1",
    "rid": "R1",
    "u": {"id": "U1"},
    "ts": "2024-01-01T00:00:00.000Z",
    "msg": "hello",
}
DIGEST = "0" * 64


def lines(*objects: Any) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in objects)


def read_lines(tmp_path: Path, *objects: Any) -> list[SourceItem]:
    path = pack(tmp_path / "x.zip", {"export-00001.jsonl": lines(HEADER, *objects)})
    return read(JsonlImporter, path)[0]


def test_files_of_lines_are_one_sequence(tmp_path: Path) -> None:
    path = pack(
        tmp_path / "x.zip",
        {
            "export-00002.jsonl": lines(NEWS, HELLO),
            "export-00001.jsonl": lines(HEADER, ANN),
        },
    )
    bare = tmp_path / "x.jsonl"
    bare.write_text(lines(HEADER, ANN, NEWS, HELLO))

    for file in (path, bare):
        records = [item.record for item in read(JsonlImporter, file)[0]]
        kinds = [UserRecord, ChannelRecord, MessageRecord]
        assert [type(record) for record in records] == kinds
        assert check(JsonlImporter, file) == set()


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '"text"',
        '{"kind": "other"}',
        '{"kind": "message", "id": "M2"}',
        json.dumps({**HELLO, "id": "x" * 256}),
        json.dumps({**HELLO, "msg": None}),
        json.dumps({**HELLO, "msg": "half \ud83d"}),
        json.dumps({**HELLO, "files": [[]] * 400_000}),
        json.dumps({**HELLO, "msg": "x" * 16_000_001}),
    ],
    ids=lambda line: line[:30],
)
def test_bad_line_fails_alone(tmp_path: Path, line: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(
        lines(HEADER, ANN, NEWS, HELLO) + line + "\n" + lines({**HELLO, "id": "M3"})
    )

    *before, bad, last = read(JsonlImporter, path)[0]

    assert len(before) == 3
    assert isinstance(bad.record, BadRecord)
    assert (bad.record.code, bad.line) == ("importer-message-malformed", 5)
    assert len(bad.record.message) < 400
    assert isinstance(last.record, MessageRecord)


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ({**HEADER, "version": 2}, "importer-newer-format"),
        ({**HEADER, "format": "x"}, "importer-wrong-archive"),
        (ANN, "importer-wrong-archive"),
        ({"type": "version", "version": 1}, "importer-wrong-archive"),
    ],
    ids=["version", "format", "user", "mattermost"],
)
def test_other_files_are_refused(tmp_path: Path, first: Any, code: str) -> None:
    path = pack(tmp_path / "x.zip", {"export-00001.jsonl": lines(first, ANN)})

    with pytest.raises(SourceError) as raised:
        read(JsonlImporter, path)

    assert raised.value.code == code
    assert check(JsonlImporter, path) == {code}


@pytest.mark.parametrize(
    "place",
    [
        {"entry": "export-00001.jsonl"},
        {"entry": "../../etc/passwd"},
        {"entry": f"files/{DIGEST}"},  # not in the archive
        {"url": "archive:abc/users.json"},
        {"url": "file:///etc/passwd"},
        {"url": 5},
    ],
    ids=str,
)
def test_forged_places_of_files_are_ignored(tmp_path: Path, place: Any) -> None:
    user, message = (
        item.record
        for item in read_lines(
            tmp_path,
            {**ANN, "avatar": place},
            {**HELLO, "files": [{"id": "F1", "name": "x", **place}]},
        )
    )

    assert isinstance(user, UserRecord)
    assert (user.avatar_url, user.avatar_entry) == (None, "")
    assert isinstance(message, MessageRecord)
    assert message.files == [{"id": "F1", "name": "x"}]


def test_odd_values_are_ignored(tmp_path: Path) -> None:
    odd = {
        "t": "x" * 50,
        "tmid": 5,
        "editedAt": "yesterday",
        "alias": ["x"],
        "mentions": "ann",
        "reactions": [1],
        "attachments": [{"title": "a\0b", "onclick": "x", "fields": [{"value": 1}]}],
        "files": {"id": 5},
    }
    [message] = (item.record for item in read_lines(tmp_path, {**HELLO, **odd}))

    assert isinstance(message, MessageRecord)
    assert (message.event, message.thread, message.edited_at) == ("", None, None)
    assert (message.alias, message.mentions, message.reactions) == ("", None, None)
    assert message.attachments == [{"title": "ab", "fields": [{"value": ""}]}]
    assert message.files is None


def test_roles_need_the_right_to_grant_them(
    importer_api: ApiClient, tmp_path: Path
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(lines(HEADER, {**ANN, "roles": ["admin", "user"]}))

    import_export(importer_api, path)

    [ann] = User.objects.filter(username="ann")
    assert [role.name for role in ann.roles.all()] == ["user"]


def test_avatars_of_other_archives_are_not_used(
    admin_api: ApiClient, tmp_path: Path
) -> None:
    path = pack(
        tmp_path / "x.zip",
        {"export-00001.jsonl": lines(HEADER, ANN), f"files/{DIGEST}": b"\x89PNG"},
    )
    import_export(admin_api, path)
    [operation] = ImportOperation.objects.filter(importer_key="jsonl")
    admin_api.post("import.new")
    eve = {
        "username": "eve",
        "emails": ["eve@x.example"],
        "importIds": ["E1"],
        "avatarUrl": f"archive:{operation.public_id}/files/{DIGEST}",
    }
    assert admin_api.post("import.addUsers", {"users": [eve]}).json()["success"]
    assert admin_api.post("import.run").json()["success"]
    work()

    [user] = User.objects.filter(username="eve")
    assert user.pending_avatar_url == ""


def test_second_import_changes_nothing(admin_api: ApiClient, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(lines(HEADER, ANN, NEWS, HELLO))

    for _number in range(2):
        import_export(admin_api, path)

    assert User.objects.filter(username__startswith="ann").count() == 1
    assert (Room.objects.count(), Message.objects.count()) == (1, 1)


def test_large_exports_are_checked_in_part(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(archive, "_READ_AT_UPLOAD", 1_000)
    path = tmp_path / "x.jsonl"
    messages = [{**HELLO, "id": f"M{number}"} for number in range(100)]
    path.write_text(lines(HEADER, ANN, NEWS, *messages, "bad"))
    context = ImportContext(path, LIMITS)

    JsonlImporter().check(context)

    assert set(context.report.warnings) == {"importer-looked-at-in-part"}
    assert 80 < context.report.facts["messages, about"] < 110


def test_files_of_lines_are_detected(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(lines(HEADER, ANN))

    found = detect_source(path, LIMITS, ReadingOptions(), path.name)

    assert found.importer_key == "jsonl"
