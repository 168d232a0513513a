"""The CSV layout (importers.md 2) and its extensions."""

from __future__ import annotations

from pathlib import Path

import pytest

from imports_app.errors import SourceError
from imports_app.importers.base import ImportContext
from imports_app.importers.csv.archive import CsvImporter
from imports_app.records import (
    BadRecord,
    ChannelRecord,
    ContactRecord,
    Kind,
    MessageRecord,
    RoomType,
    SourceItem,
    UserRecord,
)
from tests.imports_app.importers.reading import LIMITS, check, pack, read


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "import.zip"


def records(found: list[SourceItem], kind: Kind) -> list[object]:
    """Return the records of one kind."""
    return [one.record for one in found if one.record.kind == kind]


def test_reads_users(path: Path) -> None:
    rows = ' ann , ann@example.org , Ann Lee,extra\nbo,,\n,cy@example.org\n" ",,x\n'
    found, warnings = read(CsvImporter, pack(path, {"users.csv": rows}))

    assert [one.record for one in found[:3]] == [
        UserRecord(
            import_ids=("ann",),
            username="ann",
            emails=("ann@example.org",),
            name="Ann Lee",
        ),
        UserRecord(import_ids=("bo",), username="bo"),
        UserRecord(import_ids=("cy@example.org",), emails=("cy@example.org",)),
    ]
    assert isinstance(found[3].record, BadRecord)
    assert found[3].record.code == "importer-user-missing-email-and-username"
    assert (found[3].file, found[3].line) == ("users.csv", 4)
    examples = warnings["importer-row-extra-columns"]["examples"]
    assert examples == [{"file": "users.csv", "line": 1}]


def test_skips_a_header(path: Path) -> None:
    entries = {
        "users.csv": "Username,Email,Name\nann,,\n",
        "channels.csv": "name,creator,type,members\nnews,ann,public,\n",
    }

    found, warnings = read(CsvImporter, pack(path, entries))

    assert [one.record.import_ids[0] for one in found] == ["ann", "csv-c-news"]
    assert warnings["importer-header-row"]["count"] == 2


def test_reads_rooms(path: Path) -> None:
    rows = "news,ann,public,\nlab, bo ,PRIVATE, ann; bo ;;ann\n,ann,public,\n"
    found, _warnings = read(CsvImporter, pack(path, {"CHANNELS.csv": rows}))

    assert [one.record for one in found[:2]] == [
        ChannelRecord(
            import_ids=("csv-c-news",), type=RoomType.PUBLIC, name="news", creator="ann"
        ),
        ChannelRecord(
            import_ids=("csv-p-lab",),
            type=RoomType.PRIVATE,
            name="lab",
            creator="bo",
            members=("ann", "bo"),
        ),
    ]
    assert isinstance(found[2].record, BadRecord)


def test_messages_go_to_the_room_of_their_folder(
    path: Path,
) -> None:
    entries = {
        "lab/a.csv": "ann ,1600000000000, as typed \n",
        "lab/deep/b.csv": "bo,1600000000001,deeper\n",
        "channels.csv": "lab,ann,private,\n",
    }

    found, _warnings = read(CsvImporter, pack(path, entries))

    first, second = records(found, Kind.MESSAGE)
    assert isinstance(first, MessageRecord)
    assert (first.room, first.author, first.text) == ("csv-p-lab", "ann", " as typed ")
    assert isinstance(second, MessageRecord)
    assert second.room == "csv-p-lab"


def test_folder_without_room_is_reported(path: Path) -> None:
    found, warnings = read(CsvImporter, pack(path, {"lost/a.csv": "ann,1,x\n"}))

    [message] = records(found, Kind.MESSAGE)
    assert isinstance(message, MessageRecord)
    assert message.room == "csv-unlisted-lost"
    assert warnings["importer-folder-without-room"]["examples"][0]["file"] == (
        "lost/a.csv"
    )


def test_direct_rooms_are_yielded_once(path: Path) -> None:
    rows = "bo,ann,1600000000000,hi\nann,bo,1600000000001,ho\nann,,1600000000002,who\n"
    found, _warnings = read(CsvImporter, pack(path, {"DirectMessages/x.csv": rows}))

    kinds = [type(one.record) for one in found]
    assert kinds == [ChannelRecord, MessageRecord, MessageRecord, BadRecord]
    assert found[0].record == ChannelRecord(
        import_ids=("ann/bo",), type=RoomType.DIRECT, members=("ann", "bo")
    )
    assert isinstance(found[3].record, BadRecord)
    assert found[3].record.code == "importer-message-missing-recipient"


def test_message_ids_are_the_same_in_every_export(path: Path) -> None:
    rows = "ann,1600000000000,x\nann,1600000000000,x\nann,1600000000000,y\n"
    entries = {"channels.csv": "lab,ann,public,\n", "lab/a.csv": rows}
    first, _warnings = read(CsvImporter, pack(path, entries))
    entries = {"channels.csv": "lab,ann,public,\n", "lab/renamed.csv": rows}
    second, _warnings = read(CsvImporter, pack(path, entries))

    ids = [found.record.import_ids for found in first]
    assert ids == [found.record.import_ids for found in second]
    assert len(set(ids)) == 4


def test_reads_contacts_with_their_header(path: Path) -> None:
    rows = "id,name,emails,phones,city\n7,Cora,c@x.org;d@x.org,1;2,Rome,more\n,,,,\n"
    found, _warnings = read(CsvImporter, pack(path, {"contacts.csv": rows}))

    assert [one.record for one in found] == [
        ContactRecord(
            import_ids=("7",),
            name="Cora",
            emails=("c@x.org", "d@x.org"),
            phones=("1", "2"),
            custom_fields={"city": "Rome", "column5": "more"},
        )
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "importer-not-a-zip"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "importer-not-a-zip"),
        (b'[{"id": 1}]', "importer-not-a-zip"),
        (bytes(500), "importer-not-a-zip"),
        (b"\n\n", "importer-file-empty"),
        (b"PK\x03\x04 broken", "importer-zip-damaged"),
    ],
)
def test_refuses_files_that_are_not_tables(
    tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(SourceError) as caught:
        read(CsvImporter, path)

    assert caught.value.code == code
    assert code in check(CsvImporter, path)


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ({"readme.txt": "hello"}, "importer-nothing-found"),
        ({"users.csv": "\n\n"}, "importer-nothing-found"),
        ({"users.json": "[]", "general/1.json": "[]"}, "importer-wrong-archive"),
    ],
)
def test_refuses_an_archive_of_another_type(
    path: Path, entries: dict[str, str], code: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read(CsvImporter, pack(path, entries))

    assert caught.value.code == code


def test_check_reports_missing_tables(path: Path) -> None:
    pack(path, {"team/users.csv": "", "team/lab/1.csv": ""})

    assert check(CsvImporter, path) == {
        "importer-top-folder",
        "importer-no-channels-csv",
    }


def test_check_compares_folders_with_rooms(path: Path) -> None:
    rooms = "lab,ann,public,\nempty,ann,public,\n"
    pack(path, {"users.csv": "", "channels.csv": rooms, "lost/1.csv": ""})
    context = ImportContext(path, LIMITS)

    CsvImporter().check(context)

    warning = context.report.warnings["importer-folder-without-room"]
    assert warning["examples"] == [{"file": "lost/1.csv", "line": None}]
    assert context.report.facts["rooms without folder"] == 2


def test_apostrophes_in_downloads_of_failed_records_are_removed(path: Path) -> None:
    entries = {
        "FAILURES.txt": "",
        "channels.csv": '"lab","ann","public","","code","why"\n',
        "lab/a.csv": '"ann","1600000000000","\'=1+1","code","why"\n',
    }

    found, warnings = read(CsvImporter, pack(path, entries))

    [message] = records(found, Kind.MESSAGE)
    assert isinstance(message, MessageRecord)
    assert message.text == "=1+1"
    assert "importer-row-extra-columns" not in warnings


def test_guesses_of_each_file_are_reported(path: Path) -> None:
    entries = {
        "users.csv": "ann;ann@example.org;Ann\n",
        "channels.csv": "news\tann\tpublic\t\n",
        "news/1.csv": "ann\t1600000000000\thello\n",
    }
    _found, guesses = read(CsvImporter, pack(path, entries))

    message = guesses["importer-delimiter"]["message"]
    assert "separated by semicolons" in message
    assert message.count("separated by tabs") == 1
