"""Tables with a header, with columns in another order, and unclear tables."""

from __future__ import annotations

import csv
import io
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from imports_app.errors import SourceError
from imports_app.importers.csv.archive import CsvImporter
from imports_app.importers.csv.columns import arrangement_of
from imports_app.importers.csv.fields import Table
from imports_app.importers.reading_options import ReadingOptions
from imports_app.records import ChannelRecord, MessageRecord, UserRecord
from tests.imports_app.importers.reading import check, pack, read

ANN = {"username": "ann", "email": "ann@example.org", "name": "Ann Lee"}
HEADERS = {
    "Google Workspace": (
        "First Name [Required],Last Name [Required],Email Address [Required],"
        "Password [Required],Org Unit Path [Required]",
        "Ann,Lee,ann@example.org,****,/Staff",
    ),
    "Microsoft Entra": (
        "userPrincipalName,displayName,surname,mail,givenName,accountEnabled",
        "ann,Ann Lee,Lee,ann@example.org,Ann,true",
    ),
    "csvde": (
        "DN,objectClass,cn,sn,givenName,sAMAccountName,mail",
        '"CN=Ann Lee,DC=x",user,Ann Lee,Lee,Ann,ann,ann@example.org',
    ),
    "Mattermost": (
        "username,email,first_name,last_name,roles",
        "ann,ann@example.org,Ann,Lee,system_user",
    ),
    "Rocket.Chat": ("Name;Username;E-mail", "Ann Lee;ann;ann@example.org"),
}


def users_of(path: Path) -> list[UserRecord]:
    found, _notes = read(CsvImporter, path)
    return [one.record for one in found if isinstance(one.record, UserRecord)]


@pytest.mark.parametrize("directory", HEADERS)
def test_reads_exports_of_directories(tmp_path: Path, directory: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text("\n".join((*HEADERS[directory], "")))

    [ann] = users_of(path)

    assert ann.emails == ("ann@example.org",)
    assert ann.name == "Ann Lee"
    assert ann.username in ("ann", None)


@pytest.mark.parametrize("order", list(permutations(ANN)), ids="-".join)
def test_columns_of_users_may_be_in_any_order(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    rows = [order, [ANN[name] for name in order]]

    [ann] = users_of(pack(tmp_path / "x.zip", {"users.csv": written(rows)}))

    assert (ann.username, ann.emails, ann.name) == (
        *("ann", ("ann@example.org",), "Ann Lee"),
    )


def written(rows: Any) -> str:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()


def test_headers_of_all_tables_are_skipped(tmp_path: Path) -> None:
    entries = {
        "users.csv": "Username,Email,Full Name\nann,ann@example.org,Ann Lee\n",
        "channels.csv": "Visibility,Channel,Members,Owner\nprivate,news,bo,ann\n",
        "news/m.csv": "message,username,timestamp\nhi,ann,1600000000000\n",
        "directmessages/d.csv": "from,to,time,message\nann,bo,1600000000001,psst\n",
    }
    found, notes = read(CsvImporter, pack(tmp_path / "x.zip", entries))

    records = [one.record for one in found]
    [room, direct] = [one for one in records if isinstance(one, ChannelRecord)]
    assert (room.name, room.creator, room.type, room.members) == (
        *("news", "ann", "p", ("bo",)),
    )
    assert direct.members == ("ann", "bo")
    said = [one for one in records if isinstance(one, MessageRecord)]
    assert [(one.author, one.text) for one in said] == [("ann", "hi"), ("ann", "psst")]
    assert len(records) == 5
    assert notes["importer-header-row"]["count"] == 4


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (Table.USERS, "name,ann@example.org,Name"),
        (Table.USERS, "username,,"),
        (Table.MESSAGES, "user,1600000000000,text"),
        (Table.MESSAGES, "ann,soon,hello"),
        (Table.CHANNELS, "general,ann,public"),
    ],
)
def test_row_of_data_is_not_a_header(table: Table, row: str) -> None:
    cells = row.split(",")

    assert arrangement_of(cells, table, "x.csv", ReadingOptions()) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("users.csv", "Name,Department\nAnn Lee,Sales\nBo Ek,Sales\n"),
        ("users.csv", "Ann,Lee,Sales\nBo,Ek,Sales\n"),
        ("users.csv", "First name,Last name\nAnn,Lee\n"),
        ("channels.csv", "owner,members\nann,bo\n"),
        ("news/m.csv", "user,text\nann,hi\n"),
    ],
)
def test_unclear_columns_are_never_imported(
    tmp_path: Path, name: str, content: str
) -> None:
    entries = {"channels.csv": "news,ann,public,\n", name: content}
    path = pack(tmp_path / "x.zip", entries)

    with pytest.raises(SourceError) as caught:
        read(CsvImporter, path)

    assert caught.value.code == "importer-columns-unknown"
    assert name in caught.value.message
    assert ("importer-columns-unknown" in check(CsvImporter, path)) == ("/" not in name)


def test_unknown_columns_are_reported(tmp_path: Path) -> None:
    users = "username,email,name,department\nann,ann@example.org,Ann,Sales\n"
    _found, notes = read(CsvImporter, pack(tmp_path / "x.zip", {"users.csv": users}))

    assert "department" in notes["importer-columns-not-imported"]["message"]


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        ("ann,ann@example.org,Ann\n", {"user"}),
        ("email\tusername\nann@example.org\tann\n", {"user"}),
        ("news,ann,public,bo\nlab,ann,private,bo\n", {"channel"}),
        ("Name,Type,Members\nnews,public,bo\n", {"channel"}),
    ],
)
def test_single_file_is_detected_by_its_columns(
    tmp_path: Path, content: str, kinds: set[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(content)

    found, _notes = read(CsvImporter, path)

    assert {one.record.kind.value for one in found} == kinds
    assert "importer-bare-csv" in check(CsvImporter, path)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("ann,1600000000000,hello\nbo,1600000001000,hi\n", "importer-bare-messages"),
        ("ann,bo,2020-09-13T12:26:40Z,psst\n", "importer-bare-messages"),
        ("user,time,text\nann,1600000000000,hello\n", "importer-bare-messages"),
        ("one,two,three\nfour,five,six\n", "importer-columns-unknown"),
        ("words\nand more\n", "importer-columns-unknown"),
        (
            "username;email;status;billing-active;has-2fa;has-sso;userid;fullname\n"
            "ann;ann@x.example;Member;1;1;0;U1;Ann Lee\n",
            "importer-wrong-archive",
        ),
    ],
)
def test_unclear_single_file_imports_nothing(
    tmp_path: Path, content: str, code: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(content)

    with pytest.raises(SourceError) as caught:
        read(CsvImporter, path)

    assert caught.value.code == code
    assert check(CsvImporter, path) == {code}
