"""How an export is packed, and the files in it that are no part of it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError

from accounts.models import User
from imports_app.models import ImportOperation, Room
from imports_app.statuses import Status
from tests.cases.exports import HELLO, LOBBY, MIA, TOM, said
from tests.cases.importing import (
    Entries,
    Failure,
    Import,
    assert_hello,
    import_all,
    pack,
    people,
    rooms,
    texts_in,
)


def assert_refused(code: str) -> None:
    operation = ImportOperation.objects.get()
    assert (operation.status, operation.error_code) == (Status.FAILED, code)
    assert not people()
    assert not Room.objects.exists()


def test_an_archive_that_a_mac_packed_again_is_read(bring_in: Import) -> None:
    top = "North Export Mar 2021"
    entries = {f"{top}/{name}": content for name, content in HELLO.items()}
    rubbish = {
        f"__MACOSX/{top}/._users.json": b"\x00\x05\x16\x07",
        f"__MACOSX/{top}/lobby/._2021-03-01.json": b"\x00\x05\x16\x07",
        f"{top}/.DS_Store": b"\x00\x00\x00\x01Bud1",
        f"{top}/lobby/.DS_Store": b"\x00\x00\x00\x01Bud1",
    }

    imported = bring_in(entries | rubbish)

    assert_hello(imported)
    assert top in imported.text_of("importer-top-folder")


def test_names_with_backslashes_are_paths(bring_in: Import) -> None:
    entries = {name.replace("/", "\\"): content for name, content in HELLO.items()}

    assert_hello(bring_in(entries))


def test_an_archive_of_64_bits_is_read(admin_user: User, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in HELLO.items():
            with archive.open(name, "w", force_zip64=True) as entry:
                entry.write(json.dumps(content).encode())

    assert_hello(import_all(path, "slack"))


def test_an_encrypted_archive_is_refused_as_such(
    admin_user: User, tmp_path: Path
) -> None:
    path = pack(tmp_path / "export.zip", HELLO)
    content = bytearray(path.read_bytes())
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = -1
        while (position := content.find(start, position + 1)) >= 0:
            content[position + flags] |= 1
    path.write_bytes(content)

    with pytest.raises(CommandError, match="is encrypted"):
        import_all(path, "slack")

    assert_refused("importer-zip-encrypted")


def nested() -> Entries:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("users.json", "[]")
    return {"export.zip": inner.getvalue()}


@pytest.mark.parametrize(
    ("entries", "code", "said"),
    [
        (nested(), "importer-archive-in-archive", "upload the archive inside"),
        (
            {f"a/b/{name}": content for name, content in HELLO.items()},
            "importer-lists-too-deep",
            "are in the folder 'a/b'",
        ),
        (
            {"notes/2021-03-01.json": [said("U01", "hello")]},
            "importer-wrong-archive",
            r"no users\.json or channels\.json",
        ),
    ],
    ids=["archive in an archive", "two folders deep", "no lists"],
)
def test_an_archive_without_lists_at_the_top_is_refused_with_advice(
    bring_in: Import, entries: Entries, code: str, said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        bring_in(entries)

    assert_refused(code)


@pytest.mark.parametrize(
    ("names", "unread"),
    [
        ({"C01.json": {"channel_id": "C01", "messages": []}}, ["C01.json"]),
        ({"read.me": "hi", "lobby/a.ogg": b"Ogg"}, ["lobby/a.ogg", "read.me"]),
        ({"lists.json": []}, ["lists.json"]),
    ],
)
def test_unread_files_are_reported(
    bring_in: Import, names: Entries, unread: list[str]
) -> None:
    imported = bring_in({**HELLO, **names})

    assert imported.files_of("importer-files-unread") == unread
    assert_hello(imported)


def test_canvases_are_named_and_are_not_rooms(bring_in: Import) -> None:
    canvases = {
        "canvases.json": [],
        "lobby/canvas_in_the_conversation.json": {},
        "FC:F01:Plan/2021-03-01.json": [said("U01", "about the canvas")],
    }

    imported = bring_in({**HELLO, **canvases})

    assert imported.files_of("importer-files-not-imported") == ["canvases.json"]
    assert imported.files_of("importer-canvases-not-imported") == [
        "FC:F01:Plan/2021-03-01.json",
        "lobby/canvas_in_the_conversation.json",
    ]
    assert_hello(imported)


def test_lists_in_another_case_are_read(bring_in: Import) -> None:
    imported = bring_in(
        {
            "Users.json": [MIA, TOM],
            "CHANNELS.JSON": [LOBBY, "odd"],
            "Lobby/2021-03-01.json": [said("U01", "hello")],
        }
    )

    assert rooms()["lobby"].members == ("mia", "tom")
    assert texts_in("lobby") == ["hello"]
    assert imported.failures == [
        Failure("CHANNELS.JSON", 2, "importer-record-malformed")
    ]
    assert "importer-files-unread" not in imported.operation.report["warnings"]


def test_of_two_lists_that_differ_in_case_the_other_one_is_named(
    bring_in: Import,
) -> None:
    imported = bring_in({"Channels.json": [], **HELLO})

    assert_hello(imported)
    assert imported.files_of("importer-files-unread") == ["Channels.json"]


def test_an_export_without_rooms_is_not_called_one_of_public_channels(
    bring_in: Import,
) -> None:
    dump = {"channel_id": "C01", "messages": [said("U01", "hello")]}
    imported = bring_in({"users.json": [MIA], "C01.json": dump})

    assert "importer-kind-of-export" not in imported.operation.report["warnings"]
    assert imported.files_of("importer-files-unread") == ["C01.json"]


def test_messages_in_unread_files_are_counted(bring_in: Import) -> None:
    loose = [said("U01", "one", 1), said("U02", "two", 2)]
    imported = bring_in(
        HELLO
        | {
            "C01.json": loose,
            "lobby/2021/03-02.json": {"ok": True, "messages": loose[:1]},
            "settings.json": [{"theme": "dark"}],
            "broken.json": "{",
        }
    )

    assert texts_in("lobby") == ["hello"]
    code = "importer-messages-unread"
    assert imported.facts["messages in files that are not read"] == 3
    assert imported.files_of(code) == ["C01.json", "lobby/2021/03-02.json"]
    assert code in imported.printed
    assert imported.warnings["importer-files-unread"] == 4
    assert imported.exit_status == 1


def test_other_unread_files_lose_no_messages(bring_in: Import) -> None:
    imported = bring_in(HELLO | {"settings.json": [{"theme": "dark"}]})

    assert imported.warnings["importer-files-unread"] == 1
    assert imported.exit_status == 0
