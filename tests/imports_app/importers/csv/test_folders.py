"""Folders and files of CSV archives."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from imports_app.importers.csv.archive import CsvImporter
from imports_app.records import MessageRecord
from tests.imports_app.importers.reading import pack, read

SAID = "ann,1600000000000,hi\n"
ROOMS = "News,,public,\nB\u00fcro K\u00f6ln,,private,\nlab,,public,\nLab,,private,\n"


def rooms_of(path: Path, *folders: str) -> tuple[list[str], dict[str, Any]]:
    entries = {f"{folder}/1.csv": SAID for folder in folders}
    found, notes = read(CsvImporter, pack(path, {"channels.csv": ROOMS, **entries}))
    messages = [one.record for one in found if isinstance(one.record, MessageRecord)]
    return [message.room for message in messages], notes


@pytest.mark.parametrize(
    ("folder", "room"),
    [
        *(("News", "csv-c-News"), ("news", "csv-c-News"), ("NEWS ", "csv-c-News")),
        (normalize("NFD", "B\u00fcro K\u00f6ln"), "csv-p-B\u00fcro K\u00f6ln"),
        *(("lab", "csv-c-lab"), ("Lab", "csv-p-Lab"), ("LAB", "csv-unlisted-LAB")),
        ("other", "csv-unlisted-other"),
    ],
)
def test_folder_matches_in_any_case_unless_ambiguous(
    tmp_path: Path, folder: str, room: str
) -> None:
    rooms, notes = rooms_of(tmp_path / "x.zip", folder)

    assert rooms == [room]
    assert ("importer-folder-without-room" in notes) == room.startswith("csv-unlisted")


def test_files_that_are_not_tables_are_reported(tmp_path: Path) -> None:
    others = {
        "News/photo.png": "\x89PNG",
        "News/notes.txt": "no table\nat all\n",
        "Thumbs.db": "x",
        "readme.md": "x",
    }
    entries = {"channels.csv": ROOMS, "News/1.txt": SAID, "News/2.csv": SAID, **others}
    found, notes = read(CsvImporter, pack(tmp_path / "x.zip", entries))

    assert sum(isinstance(one.record, MessageRecord) for one in found) == 2
    assert len(found) == 6
    examples = notes["importer-files-unread"]["examples"]
    assert {example["file"] for example in examples} == set(others)


def test_unsupported_spreadsheets_are_reported(tmp_path: Path) -> None:
    entries = {"channels.csv": ROOMS, "users.xls": "x", "News/m.ods": "PK"}
    _found, notes = read(CsvImporter, pack(tmp_path / "x.zip", entries))

    assert notes["importer-spreadsheets"]["count"] == 2
