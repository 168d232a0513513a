"""Files that are refused as a whole, and what a selection or a look leaves out."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path
from typing import Final

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import User
from imports_app.engine import jobs
from imports_app.importers.base import ImportContext
from imports_app.importers.slack.archive import SlackImporter
from imports_app.models import ImportOperation, Message, Room
from imports_app.services.operations import cancel_operation
from imports_app.statuses import Status
from imports_app.transitions import Actor
from tests.cases.exports import HELLO, LOBBY, MIA, TOM, channel, said
from tests.cases.importing import Entries, Failure, Import, import_all, pack, people
from tests.cases.tables import HELLO as TABLES
from tests.cases.tables import USERS
from tests.conftest import ApiClient
from tests.imports_app.api.importing import uploaded
from tests.working import work as run_queue

MANY: Final = {f"dock/{number}.xlsx": b"" for number in range(1_001)}
UNSAFE: Final = {**HELLO, "../lobby/2021-03-01.json": "[]"}
TEXTS: Final = {"lobby/2021-03-01.txt": "mia: hello"}


def assert_refused(path: Path, importer: str, code: str) -> None:
    with pytest.raises(CommandError, match=rf"\[{code}\]"):
        import_all(path, importer)

    operation = ImportOperation.objects.get()
    assert (operation.status, operation.error_code) == (Status.FAILED, code)
    assert not people()
    assert not Room.objects.exists()


@pytest.mark.parametrize(
    ("importer", "entries", "code"),
    [
        (
            "slack",
            {"users.json": [], "channels.json": "null"},
            "importer-nothing-found",
        ),
        ("csv", {"users.csv": "", "channels.csv": "\n,,,\n"}, "importer-nothing-found"),
        ("slack", TEXTS, "importer-text-export"),
        ("slack", TABLES, "importer-wrong-archive"),
        ("csv", HELLO, "importer-wrong-archive"),
        ("slack", UNSAFE, "importer-zip-unsafe-name"),
        ("csv", {**TABLES, "/dock/2.csv": ""}, "importer-zip-unsafe-name"),
        ("csv", MANY, "importer-workbook-too-large"),
    ],
    ids=[
        *("empty lists", "empty tables", "texts", "tables", "an export"),
        *("a way out", "an absolute path", "many workbooks"),
    ],
)
def test_an_archive_of_another_sort_is_refused(
    admin_user: User, tmp_path: Path, importer: str, entries: Entries, code: str
) -> None:
    path = pack(tmp_path / "archive.zip", entries)

    assert_refused(path, importer, code)


@pytest.mark.parametrize(
    ("importer", "content", "code"),
    [
        ("csv", b"", "importer-file-empty"),
        ("csv", b"\xef\xbb\xbf \n", "importer-file-empty"),
        ("csv", b"%PDF-1.7", "importer-not-a-zip"),
        ("slack", json.dumps([MIA]).encode(), "importer-not-a-zip"),
        ("slack", b"PK\3\4 and no more", "importer-zip-damaged"),
    ],
)
def test_a_file_of_another_sort_is_refused(
    admin_user: User, tmp_path: Path, importer: str, content: bytes, code: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    assert_refused(path, importer, code)


@pytest.mark.parametrize(
    ("limit", "value", "code"),
    [
        ("ARCHIVE_MAX_BYTES", 300, "importer-zip-too-large"),
        ("ARCHIVE_MAX_ENTRY_BYTES", 100, "importer-zip-too-large"),
        ("ARCHIVE_MAX_ENTRIES", 2, "importer-zip-too-many-entries"),
        ("ARCHIVE_MAX_RATIO", 2, "importer-zip-bomb"),
    ],
)
def test_an_archive_over_a_limit_is_refused(
    admin_user: User,
    tmp_path: Path,
    settings: Settings,
    limit: str,
    value: int,
    code: str,
) -> None:
    setattr(settings, limit, value)
    path = pack(tmp_path / "export.zip", {**HELLO, "lobby/2.json": " " * 11_000_000})

    assert_refused(path, "slack", code)


def test_a_link_in_an_archive_is_refused(admin_user: User, tmp_path: Path) -> None:
    path = pack(tmp_path / "export.zip", HELLO)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("lobby/2021-03-02.json")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")

    assert_refused(path, "slack", "importer-zip-unsafe-name")


def test_a_file_missing_from_the_storage_is_named(
    admin_api: ApiClient, settings: Settings
) -> None:
    operation = uploaded(admin_api)
    (Path(settings.DATA_DIR) / "uploads" / operation.public_id).unlink()

    admin_api.get("getImportFileData")
    run_queue()

    operation.refresh_from_db()
    assert operation.error_code == "importer-file-missing"


def test_unselected_records_are_skipped_with_a_reason(
    admin_user: User, tmp_path: Path
) -> None:
    annex = channel("C02", "annex", "U01")
    entries = {
        **HELLO,
        "channels.json": [LOBBY, annex],
        "annex/1.json": [said("U01", "not here")],
    }
    path = pack(tmp_path / "export.zip", entries)
    selection = tmp_path / "selection.json"
    selected = {"users": {"all": True}, "channels": {"list": ["C01"]}}
    selection.write_text(json.dumps(selected))

    call_command(
        "import_file", str(path), importer="slack", select=selection, wait=True
    )

    operation = ImportOperation.objects.get()
    records = operation.records.filter(outcome="skipped")
    assert set(records.values_list("kind", "code")) == {
        ("channel", "importer-not-selected"),
    }
    assert operation.kind_counts.get(kind="message").skipped == 1
    assert Message.objects.get().text == "hello"


def test_an_export_without_public_channels_says_so(bring_in: Import) -> None:
    imported = bring_in(
        {
            "users.json": [MIA, TOM],
            "groups.json": [channel("G01", "board", "U01")],
            "dms.json": [],
        }
    )

    assert imported.warnings["importer-no-channels-json"] == 1


def test_more_rooms_of_one_name_than_there_are_names_fail(bring_in: Import) -> None:
    crowd = [channel(f"G{number:02}", "crowd", "U01") for number in range(12)]

    imported = bring_in({"users.json": [MIA], "groups.json": crowd})

    assert Room.objects.filter(name__startswith="crowd").count() == 10
    assert imported.failures == [
        Failure("groups.json", line, "importer-channel-name-taken") for line in (11, 12)
    ]


def test_assigned_columns_are_remembered_and_the_report_says_so(
    admin_user: User, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"Login,Kontakt,Wer\n{USERS}")
    columns = ["users.username=Login", "users.email=Kontakt", "users.name=Wer"]
    call_command("import_file", str(path), importer="csv", columns=columns)

    cancel_operation(operation=ImportOperation.objects.get(), actor=Actor(admin_user))
    imported = import_all(path, "csv")

    assert people().keys() == {"kai", "lea"}
    assert imported.warnings["importer-columns-remembered"] == 1


def test_a_look_at_a_large_export_says_that_it_is_a_part(
    tmp_path: Path, settings: Settings
) -> None:
    settings.ARCHIVE_MAX_RATIO = 10_000
    days = {
        f"lobby/2021-03-{number:02}.json": [
            said("U01", "x" * 900_000, second) for second in range(6)
        ]
        for number in range(1, 6)
    }
    path = pack(tmp_path / "export.zip", {**HELLO, **days})
    context = ImportContext(path, jobs.limits())

    SlackImporter().check(context)

    assert "importer-looked-at-in-part" in context.report.warnings
    assert "messages, about" in context.report.facts
