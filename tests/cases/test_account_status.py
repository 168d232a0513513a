"""Lists of people that say who is active, and what an import makes of each word."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import User
from imports_app.services.failures import write_failures
from tests.cases.importing import Counted, Import, import_all, people
from tests.cases.tables import ImportTable, dock

UNKNOWN = "importer-account-status"


def actives() -> dict[str, bool]:
    return {name: one.is_active for name, one in people().items()}


@pytest.mark.parametrize(
    ("header", "active", "deactivated"),
    [
        ("Status [READ ONLY]", "Active", "Suspended"),
        ("Account status", "enabled", "DISABLED"),
        ("accountEnabled", "True", "False"),
        ("active", "1", "0"),
        ("is_active", "yes", "no"),
        ("userAccountControl", "512", "514"),
        ("Status", "", "Locked"),
        ("aktiv", "ja", "nein"),
        ("Suspended", "FALSE", "TRUE"),
        ("is_deactivated", "", "x"),
        ("Deactivated", "active", "deactivated"),
    ],
)
def test_a_column_says_who_is_active(
    bring_in_table: ImportTable, header: str, active: str, deactivated: str
) -> None:
    imported = bring_in_table(
        f"Username,Email,{header}\n"
        f"kai,kai@harbour.example,{active}\n"
        f"lea,lea@harbour.example,{deactivated}\n"
    )

    assert actives() == {"kai": True, "lea": False}
    assert imported.guesses == {}
    assert imported.facts["deactivated users"] == 1
    assert "importer-columns-not-imported" not in imported.warnings


@pytest.mark.parametrize("header", ["Status", "Suspended"])
def test_an_unknown_word_is_listed_and_deactivates(
    bring_in_table: ImportTable, header: str
) -> None:
    imported = bring_in_table(
        f"Username,Email,{header}\nkai,kai@harbour.example,on leave\n"
        "lea,lea@harbour.example,\n"
    )

    assert actives() == {"kai": False, "lea": True}
    assert imported.guesses == {UNKNOWN: 1}
    assert imported.guessed("user") == 1
    assert imported.records.get(import_id="kai").guess == UNKNOWN
    assert UNKNOWN in imported.printed


@pytest.mark.parametrize(
    ("status", "suspended", "is_active"),
    [
        ("active", "yes", False),
        ("inactive", "no", False),
        ("active", "no", True),
        ("", "no", True),
        ("active", "who knows", False),
        ("who knows", "", False),
    ],
)
def test_of_two_columns_the_stricter_one_counts(
    bring_in_table: ImportTable, status: str, suspended: str, is_active: bool
) -> None:
    bring_in_table(
        "Username,Email,Status,Suspended\n"
        f"kai,kai@harbour.example,{status},{suspended}\n"
    )

    assert actives() == {"kai": is_active}


def test_without_a_header_an_additional_column_is_not_the_status(
    bring_in_tables: Import,
) -> None:
    rows = "kai,kai@harbour.example,Kai,no\nlea,lea@harbour.example,Lea,yes\n"

    imported = bring_in_tables(dock(users=rows))

    assert actives() == {"kai": True, "lea": True}
    assert imported.warnings["importer-row-extra-columns"] == 2
    assert "more than 3 columns" in imported.text_of("importer-row-extra-columns")


def test_a_status_column_can_be_assigned(admin_user: User, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("kai,kai@harbour.example,no\nlea,lea@harbour.example,yes\n")

    call_command(
        *("import_file", str(path)),
        importer="csv",
        columns=["users.username=1", "users.email=2", "users.deactivated=3"],
        all=True,
        wait=True,
    )

    assert actives() == {"kai": True, "lea": False}


def test_a_failed_user_is_still_deactivated_after_correction(
    bring_in_tables: Import, tmp_path: Path
) -> None:
    long_name = "L" * 300
    users = f"username,name,status\nkai,{long_name},active\nlea,{long_name},blocked\n"
    imported = bring_in_tables({"users.csv": users})
    assert imported.counted("user") == Counted(failed=2)

    with write_failures(imported.operation) as file, zipfile.ZipFile(file) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    files["users.csv"] = files["users.csv"].replace(long_name, "Somebody")
    bring_in_tables(files)

    assert actives() == {"kai": True, "lea": False}


def test_archives_of_failures_from_before_the_status_are_read(
    bring_in_tables: Import,
) -> None:
    row = '"kai","kai@harbour.example","Kai Holm","importer-value-too-long","..."\n'

    imported = bring_in_tables({"FAILURES.txt": "", "users.csv": row})

    assert actives() == {"kai": True}
    assert people()["kai"].name == "Kai Holm"
    assert not imported.guesses
    assert "importer-row-extra-columns" not in imported.warnings


def test_an_unknown_status_in_a_member_list_deactivates_and_is_listed(
    admin_user: User, tmp_path: Path
) -> None:
    path = tmp_path / "members.csv"
    path.write_text(
        "username,email,status,billing-active,has-2fa,has-sso,userid,fullname,"
        "displayname,expiration-timestamp\n"
        "mia,mia@north.example,Workspace Owner,1,0,0,U01,Mia,,\n"
        "tom,tom@north.example,Asleep,1,0,0,U02,Tom,,\n"
    )

    imported = import_all(path, "slack-users")

    assert actives() == {"mia": True, "tom": False}
    assert imported.guesses == {UNKNOWN: 1}
    assert imported.guessed("user") == 1
