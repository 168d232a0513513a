"""Slack's list of members, as its administration pages give it out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError

from accounts.models import User
from tests.cases.exports import HELLO
from tests.cases.importing import Counted, Imported, import_all, pack, people

HEADER = (
    "username,email,status,billing-active,has-2fa,has-sso,"
    "userid,fullname,displayname,expiration-timestamp"
)
ROWS = [
    "mia,mia@north.example,Primary Owner,1,1,0,U01,Mia Berg,Mimi,",
    'tom,tom@north.example,Member,1,0,0,U02,"Berg, Tom",tom,',
    "eva,eva@north.example,Deactivated,0,0,0,U03,Eva Old,,",
    "poll,,Bot,0,0,0,U04,Poll,,",
    "new,new@north.example,Invited Member,0,0,0,,,,",
]
ImportMembers = Callable[[bytes], Imported]


@pytest.fixture
def bring_in_members(admin_user: User, tmp_path: Path) -> ImportMembers:
    """Return what imports the bytes of a list of members."""

    def run(content: bytes) -> Imported:
        path = tmp_path / "members.csv"
        path.write_bytes(content)
        return import_all(path, "slack-users")

    return run


def table(*rows: str) -> bytes:
    return "\n".join((HEADER, *rows, "")).encode()


def test_members_come_in_with_names_addresses_and_ids(
    bring_in_members: ImportMembers,
) -> None:
    imported = bring_in_members(table(*ROWS))

    made = people()
    assert {name: (one.name, one.emails) for name, one in made.items()} == {
        "mia": ("Mia Berg", ("mia@north.example",)),
        "tom": ("Berg, Tom", ("tom@north.example",)),
        "eva": ("Eva Old", ("eva@north.example",)),
        "new": ("new", ("new@north.example",)),
    }
    assert {name for name, one in made.items() if one.is_active} == {"mia", "tom"}
    assert "U01" in made["mia"].import_ids
    assert made["mia"].roles == ("user",)
    assert imported.warnings == {"importer-user-without-email": 1}
    assert imported.counted("user") == Counted(imported=4)


@pytest.mark.parametrize(
    ("delimiter", "encoding", "guesses"),
    [
        (",", "utf-8-sig", {}),
        (";", "utf-8-sig", {"importer-delimiter": 1}),
        (";", "utf-16", {"importer-delimiter": 1}),
        ("\t", "utf-16", {"importer-delimiter": 1}),
        (";", "cp1252", {"importer-delimiter": 1, "importer-encoding": 1}),
    ],
)
def test_a_list_that_a_spreadsheet_saved_again_is_the_same_list(
    bring_in_members: ImportMembers,
    delimiter: str,
    encoding: str,
    guesses: dict[str, int],
) -> None:
    row = "zoe,zoe@north.example,Member,1,1,0,U05,Zoë Größe,Zoë,"
    text = f"{HEADER}\r\n{row}\r\n".replace(",", delimiter)

    imported = bring_in_members(text.encode(encoding))

    assert people().keys() == {"zoe"}
    assert people()["zoe"].name == "Zoë Größe"
    assert people()["zoe"].emails == ("zoe@north.example",)
    assert imported.guesses == guesses
    assert ("Guessed: " in imported.printed) is bool(guesses)


@pytest.mark.parametrize(
    ("status", "is_active", "roles"),
    [
        ("Member", True, ("user",)),
        ("Single-Channel Guest", True, ("guest",)),
        ("MULTI-CHANNEL GUEST", True, ("guest",)),
        ("Invited Member", False, ("user",)),
        ("invited single-channel guest", False, ("guest",)),
        ("Deactivated", False, ("user",)),
        ("deactivated", False, ("user",)),
    ],
)
def test_a_status_says_who_is_a_guest_and_who_is_active(
    bring_in_members: ImportMembers,
    status: str,
    is_active: bool,
    roles: tuple[str, ...],
) -> None:
    bring_in_members(table(f"kim,kim@north.example,{status},1,0,0,U06,Kim Lee,,"))

    kim = people()["kim"]
    assert (kim.is_active, kim.roles) == (is_active, roles)


def test_members_are_matched_with_a_later_export(
    bring_in_members: ImportMembers, tmp_path: Path
) -> None:
    bring_in_members(table(*ROWS))

    imported = import_all(pack(tmp_path / "export.zip", HELLO), "slack")

    assert imported.counted("user") == Counted(updated=1, unchanged=1)
    assert people().keys() == {"mia", "tom", "eva", "new"}


def test_a_member_list_in_the_wrong_importer_creates_no_users(
    admin_user: User, tmp_path: Path
) -> None:
    path = tmp_path / "members.csv"
    path.write_bytes(table(*ROWS))

    with pytest.raises(CommandError, match="Slack"):
        import_all(path, "csv")

    assert not people()


def test_an_export_is_not_a_member_list(admin_user: User, tmp_path: Path) -> None:
    path = pack(tmp_path / "export.zip", HELLO)

    with pytest.raises(CommandError, match=r"ZIP archive.*importer-wrong-archive"):
        import_all(path, "slack-users")

    assert not people()
