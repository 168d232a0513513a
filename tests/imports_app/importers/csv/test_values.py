"""Values of CSV cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.mail_addresses import addresses_of
from imports_app.importers.csv.archive import CsvImporter
from imports_app.importers.csv.values import room_type
from imports_app.records import BadRecord, ChannelRecord, RoomType, UserRecord
from tests.imports_app.importers.reading import pack, read


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *(
            (word, RoomType.PRIVATE)
            for word in ("private", " Privat", "P", "TRUE", "1")
        ),
        *((word, RoomType.PRIVATE) for word in ("yes", "Private  Channel", "ja")),
        *((word, RoomType.PUBLIC) for word in ("", "public", "False", "no", "0", "c")),
        *((word, None) for word in ("internal", "2", "-", "privte", "?", "not public")),
    ],
)
def test_room_type_words(text: str, kind: RoomType | None) -> None:
    assert room_type(text) is kind


def test_unknown_room_type_fails_the_room_and_its_messages(tmp_path: Path) -> None:
    entries = {
        "channels.csv": "news,ann,public,\nlab,ann,internal,ann\n",
        "lab/1.csv": "ann,1600000000000,secret\n",
    }
    found, _notes = read(CsvImporter, pack(tmp_path / "x.zip", entries))

    news, lab, message = (one.record for one in found)
    assert isinstance(news, ChannelRecord)
    assert isinstance(lab, BadRecord)
    assert lab.code == "importer-channel-unknown-privacy"
    assert "'internal'" in lab.message
    assert message.room == "csv-unlisted-lab"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("", ()),
        ("a@x.org", ("a@x.org",)),
        ("a@x.org;b@x.org", ("a@x.org", "b@x.org")),
        ("a@x.org, b@x.org a@x.org", ("a@x.org", "b@x.org")),
        ("no address", ("no address",)),
    ],
)
def test_cell_may_contain_several_addresses(
    text: str, addresses: tuple[str, ...]
) -> None:
    assert addresses_of(text) == addresses


def test_rows_of_empty_cells_are_blank(tmp_path: Path) -> None:
    entries = {
        "users.csv": ",,\nann,a@x.org;b@x.org,Ann\n,,\n",
        "channels.csv": "news,ann,public,\n,,,\n",
        "news/1.csv": ",,\nann,1600000000000,hi\n,,\n",
    }
    found, _notes = read(CsvImporter, pack(tmp_path / "x.zip", entries))

    assert len(found) == 3
    ann = found[0].record
    assert isinstance(ann, UserRecord)
    assert ann.emails == ("a@x.org", "b@x.org")
