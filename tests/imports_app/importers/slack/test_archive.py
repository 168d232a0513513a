"""The Slack importer: records, refusals and failures (importers.md 3)."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from collections import deque
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from imports_app.errors import SourceError
from imports_app.importers.base import ImportContext
from imports_app.importers.slack.archive import SlackImporter
from imports_app.records import (
    BadRecord,
    ChannelRecord,
    MessageRecord,
    RoomType,
    UserRecord,
)
from imports_app.sources.limits import ArchiveLimits
from tests.imports_app.importers.reading import pack, read

ANN = {"id": "U1", "name": "ann", "profile": {"email": "ann@example.org"}}
NEWS = {"id": "C1", "name": "news", "creator": "U1", "members": ["U1"]}
SAID = {"type": "message", "user": "U1", "text": "hi", "ts": "1600000000.000100"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.zip"


def packed(path: Path, entries: dict[str, Any]) -> Path:
    """Write an archive; values other than texts become JSON."""
    return pack(
        path,
        {
            name: content if isinstance(content, str) else json.dumps(content)
            for name, content in entries.items()
        },
    )


def records_in(path: Path, entries: dict[str, Any]) -> list[Any]:
    found, _warnings = read(SlackImporter, packed(path, entries))
    return [one.record for one in found]


def test_reads_all_details_of_a_user(path: Path) -> None:
    profile = {
        **{"email": "ann@example.org", "real_name": "Ann Lee", "title": "Cook"},
        **{"image_512": "https://a.example/5", "status_text": "out"},
    }
    user = {**ANN, "deleted": True, "tz_offset": -12600, "profile": profile}

    assert records_in(path, {"users.json": [user]}) == [
        UserRecord(
            import_ids=("U1",),
            username="ann",
            emails=("ann@example.org",),
            name="Ann Lee",
            is_deleted=True,
            avatar_url="https://a.example/5",
            utc_offset=-3.5,
            status_text="out",
            bio="Cook",
        )
    ]


def test_reads_original_avatar_and_bots(path: Path) -> None:
    profile = {"image_original": "https://a.example/o", "image_512": "https://a/5"}
    bot = {"id": "U2", "name": "helper", "is_bot": True, "profile": profile}

    [record] = records_in(path, {"users.json": [bot]})

    assert (record.avatar_url, record.is_bot) == ("https://a.example/o", True)
    assert record.roles == ("bot",)
    assert record.utc_offset is None


def test_placeholders_are_not_known_by_name(path: Path) -> None:
    bot = {**SAID, "user": None, "bot_id": "B1", "username": "ann"}
    partner = {**SAID, "user": "U9", "user_profile": {"name": "Ann"}}
    entries = {
        "users.json": [ANN, {"id": "U2", "name": "Ann"}],
        "channels.json": [NEWS],
        "news/1.json": [bot, partner],
    }

    users = [one for one in records_in(path, entries) if isinstance(one, UserRecord)]

    assert [(one.import_ids[0], one.is_known_by_name) for one in users] == [
        *(("U1", True), ("U2", False), ("B1", False), ("U9", False)),
    ]


def test_reads_users_of_a_grid_export(path: Path) -> None:
    [record] = records_in(path, {"org_users.json": [ANN]})
    assert record.import_ids == ("U1",)

    both = {"users.json": [ANN], "org_users.json": [{**ANN, "id": "U9"}]}
    assert [record.import_ids for record in records_in(path, both)] == [("U1",)]


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("channels.json", RoomType.PUBLIC),
        ("groups.json", RoomType.PRIVATE),
        ("mpims.json", RoomType.DIRECT),
        ("dms.json", RoomType.DIRECT),
    ],
)
def test_each_file_lists_rooms_of_its_type(
    path: Path, file: str, kind: RoomType
) -> None:
    room = {
        **NEWS,
        **{"created": 1600000000, "is_archived": True},
        **{"topic": {"value": "T"}, "purpose": {"value": "P"}},
    }

    _user, record = records_in(path, {"users.json": [ANN], file: [room]})

    assert record == ChannelRecord(
        import_ids=("C1",),
        type=kind,
        name=None if kind is RoomType.DIRECT else "news",
        creator="U1",
        members=("U1",),
        topic="T",
        description="P",
        created_at=1600000000000,
        is_archived=True,
    )


def test_large_group_message_becomes_a_private_room(path: Path) -> None:
    people = [f"U{number}" for number in range(9)]
    room = {"id": "G1", "name": "mpdm-a-1", "members": people}

    [record] = [
        one
        for one in records_in(path, {"mpims.json": [room]})
        if isinstance(one, ChannelRecord)
    ]

    assert (record.type, record.name) == (RoomType.PRIVATE, "mpdm-a-1")


def test_rest_of_a_file_is_read_if_members_are_missing(path: Path) -> None:
    rooms = [{"id": "G1", "name": "a", "members": None}, {**NEWS, "id": "G2"}]

    records = records_in(path, {"users.json": [ANN], "mpims.json": rooms})

    assert [one.members for one in records[1:]] == [(), ("U1",)]


def test_folder_has_the_rooms_name_or_id(path: Path) -> None:
    entries = {
        "channels.json": [NEWS],
        "dms.json": [{"id": "D1", "members": ["U1"]}],
        "users.json": [ANN],
        "D1/2020-09-13.json": [SAID],
        "news/2020-09-13.json": [SAID],
    }

    said = [one for one in records_in(path, entries) if isinstance(one, MessageRecord)]

    assert [one.import_id for one in said] == [
        "slack-D1-1600000000-000100",
        "slack-C1-1600000000-000100",
    ]


def test_private_messages_never_go_to_a_public_room(path: Path) -> None:
    private = {**NEWS, "id": "G1"}
    for files in (["channels.json", "groups.json"], ["groups.json", "channels.json"]):
        entries: dict[str, Any] = {
            name: [NEWS if name == "channels.json" else private] for name in files
        }
        found, warnings = read(
            SlackImporter,
            packed(path, {**entries, "users.json": [ANN], "news/1.json": [SAID]}),
        )

        assert [one.record.room for one in found if one.record.kind == "message"] == [  # type: ignore[union-attr]
            "G1"
        ]
        assert warnings["importer-ambiguous-folder"]["count"] == 1


def test_invalid_message_fails_alone(path: Path) -> None:
    day = [SAID, 7, {**SAID, "ts": []}, {**SAID, "reactions": 9, "files": "x"}, SAID]
    entries = {"users.json": [ANN], "channels.json": [NEWS], "news/1.json": day}

    found, _warnings = read(SlackImporter, packed(path, entries))

    messages = [(one.line, type(one.record)) for one in found[2:]]
    assert messages == [
        (1, MessageRecord),
        (2, BadRecord),
        (3, MessageRecord),
        (4, MessageRecord),
        (5, MessageRecord),
    ]


@pytest.mark.parametrize(
    ("content", "readable"),
    [
        (f"[{json.dumps(SAID)}, {json.dumps(SAID)[:-5]}", 1),
        ('{"ok": false, "messages": []}', 0),
        ('{"others": [{}]}', 0),
        ("\ufeff<html>", 0),
        ("[" * 100_000, 0),
    ],
)
def test_damaged_file_is_read_up_to_the_damage(
    path: Path, content: str, readable: int
) -> None:
    entries = {"users.json": [ANN], "channels.json": [NEWS], "news/1.json": content}

    records = records_in(path, entries)[2:]

    assert len(records) == readable + 1
    assert isinstance(records[-1], BadRecord)
    assert records[-1].code == "importer-json-damaged"


@pytest.mark.parametrize("content", ["null", "{}", "", " \n", "[]", "\ufeff"])
def test_an_empty_file_is_empty(path: Path, content: str) -> None:
    entries = {"users.json": [ANN], "channels.json": [NEWS], "news/1.json": content}
    entries |= {"groups.json": content, "dms.json": content}

    assert len(records_in(path, entries)) == 2


def test_responses_of_slacks_api_are_read(path: Path) -> None:
    entries = {
        "users.json": {"ok": True, "members": [ANN], "cache_ts": 1},
        "channels.json": {"ok": True, "channels": [NEWS], "response_metadata": {}},
        "news/1.json": {"ok": True, "messages": [SAID], "has_more": False},
    }

    ann, news, said = records_in(path, entries)

    assert (ann.username, news.name, said.text) == ("ann", "news", "hi")


def test_invalid_byte_fails_one_message(path: Path) -> None:
    day = json.dumps([SAID, {**SAID, "text": "bad X byte"}, SAID]).encode()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", json.dumps([ANN]))
        archive.writestr("channels.json", json.dumps([NEWS]))
        archive.writestr("news/1.json", day.replace(b"X", b"\xe4"))
    found, _notes = read(SlackImporter, path)

    kinds = [(one.line, type(one.record)) for one in found[2:]]
    assert kinds == [(1, MessageRecord), (2, BadRecord), (3, MessageRecord)]
    bad = found[3].record
    assert isinstance(bad, BadRecord)
    assert "not valid UTF-8" in bad.message
    assert "bad" in bad.cells[0]


def test_damage_message_has_no_parser_details(path: Path) -> None:
    entries = {"users.json": [ANN], "channels.json": [NEWS], "news/1.json": '[{"a": }]'}

    bad = records_in(path, entries)[-1]

    assert bad.message == (
        "The rest of the file can't be read: it is damaged or incomplete within"
        ' "[{"a": }]". Export the file again.'
    )


@pytest.mark.parametrize(
    "written",
    [1600000000.0001, "1600000000.000100", "2020-09-13T12:26:40.000100Z"],
)
def test_time_may_be_a_number(path: Path, written: Any) -> None:
    entries = {"users.json": [ANN], "channels.json": [NEWS]}
    entries |= {"news/1.json": [{**SAID, "ts": written}]}

    said = records_in(path, entries)[-1]

    assert said.import_id == "slack-C1-1600000000-000100"
    assert said.sent_at == 1_600_000_000_000


def test_guests_invited_users_and_workflows(path: Path) -> None:
    users = [
        {**ANN, "is_restricted": True},
        {"id": "U2", "name": "bo", "is_ultra_restricted": True},
        {"id": "U3", "name": "cy", "is_invited_user": True},
        {"id": "U4", "name": "flow", "is_workflow_bot": True},
    ]

    ann, bo, cy, flow = records_in(path, {"users.json": users})

    assert (ann.is_guest, bo.is_guest) == (True, True)
    assert (cy.is_deleted, cy.is_guest) == (True, False)
    assert (flow.is_bot, flow.roles) == (True, ("bot",))


@pytest.mark.parametrize(
    "entry", ["__uploads/F1/plan.txt", "news/attachments/F1-plan.txt"]
)
def test_files_may_be_in_the_archive(path: Path, entry: str) -> None:
    said = {**SAID, "files": [{"id": "F1", "name": "plan.txt"}]}
    entries = {"users.json": [ANN], "channels.json": [NEWS], "news/1.json": [said]}

    message = records_in(path, {**entries, entry: "bytes"})[-1]

    assert message.files == [{"id": "F1", "name": "plan.txt", "entry": entry}]


def test_large_file_is_streamed(path: Path) -> None:
    times = (f"{1_600_000_000 + number}.1" for number in range(3_000))
    day = [{**SAID, "text": "x" * 2000, "ts": time} for time in times]
    entries = {"users.json": [ANN], "channels.json": [NEWS], "news/1.json": day}

    records = records_in(path, entries)

    assert len(records) == 3_002
    assert records[-1].sent_at == 1_600_002_999_100


def test_byte_order_mark_is_accepted(path: Path) -> None:
    [record] = records_in(path, {"users.json": "\ufeff" + json.dumps([ANN])})
    assert record.username == "ann"


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ({"users.csv": "ann,,"}, "importer-wrong-archive"),
        ({"readme.md": "hi"}, "importer-wrong-archive"),
        ({"general.txt": "ann: hi", "dm-bo.txt": ""}, "importer-text-export"),
        ({"users.json": [], "channels.json": []}, "importer-nothing-found"),
    ],
)
def test_refuses_files_that_are_not_exports(
    path: Path, entries: dict[str, Any], code: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read(SlackImporter, packed(path, entries))

    assert caught.value.code == code


def test_unlisted_bot_becomes_a_bot(path: Path) -> None:
    """Its Slack user may be missing in the export, as with apps of partners."""
    said = {**SAID, "user": "UAPP", "bot_id": "B1", "bot_profile": {"name": "Deploy"}}
    entries = {"users.json": [ANN], "channels.json": [NEWS], "news/1.json": [said]}

    _ann, _room, bot, message = records_in(path, entries)

    assert (bot.import_ids, bot.username, bot.is_bot) == (("B1",), "deploy", True)
    assert (message.author, message.alias) == ("B1", "Deploy")


FILES = 66_000
"""More entries than an archive can have without ZIP64."""


def test_memory_of_many_files_is_bounded_by_their_names(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", json.dumps([ANN]))
        archive.writestr("channels.json", json.dumps([NEWS]))
        day = json.dumps([{**SAID, "text": "x" * 500}])
        for number in range(FILES):
            archive.writestr(zipfile.ZipInfo(f"news/{number}.json"), day)
    assert b"PK\x06\x06" in path.read_bytes()[-200:]  # the directory of ZIP64
    context = ImportContext(path, ArchiveLimits(10**9, 10**9, 200, 10**6))
    found = SlackImporter().read(context)
    assert isinstance(next(found).record, UserRecord)

    tracemalloc.start()
    try:
        deque(islice(found, 5_001), maxlen=0)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 1_000_000
    [last] = deque(found, maxlen=1)
    assert last.file == f"news/{FILES - 1}.json"
    assert context.report.facts["files of days"] == FILES
