"""Slack's member list (importers.md 4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from imports_app.errors import SourceError
from imports_app.importers.registry import find_importer, visible_importers
from imports_app.importers.slack.member_list import SlackUsersImporter
from imports_app.records import UserRecord
from tests.imports_app.importers.reading import check, pack, read

HEADER = (
    "username,email,status,billing-active,has-2fa,has-sso,userid,fullname,displayname,"
    "expiration-timestamp\n"
)


def test_reads_members(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_text(
        HEADER + "ann,ann@x.org,Admin,1,0,0,U1,Ann Lee,annie,\n"
        "bot,bot@x.org,Bot,1,0,0,U2,,Botty,\n"
        "old,old@x.org,Deactivated,0,0,0,U3,,,\n"
        "mute,,Member,1,0,0,U4,Mute,,\n"
    )

    found, warnings = read(SlackUsersImporter, path)

    assert [one.record for one in found] == [
        UserRecord(
            import_ids=("ann@x.org", "U1"),
            username="ann",
            emails=("ann@x.org",),
            name="Ann Lee",
            roles=("admin",),
        ),
        UserRecord(
            import_ids=("bot@x.org", "U2"),
            username="bot",
            emails=("bot@x.org",),
            name="Botty",
            is_bot=True,
            roles=("bot",),
        ),
        UserRecord(
            import_ids=("old@x.org", "U3"),
            username="old",
            emails=("old@x.org",),
            name="old",
            is_deleted=True,
        ),
    ]
    assert warnings["importer-user-without-email"]["examples"] == [
        {"file": "members.csv", "line": 5}
    ]


def test_first_row_is_kept_if_it_is_not_a_header(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_text("ann,ann@x.org\n")

    found, _warnings = read(SlackUsersImporter, path)

    assert [one.record.import_ids for one in found] == [("ann@x.org",)]


def test_refuses_an_empty_list_and_an_archive(tmp_path: Path) -> None:
    empty = tmp_path / "members.csv"
    empty.write_text(HEADER)
    archive = pack(tmp_path / "a.zip", {"users.csv": "x"})

    for path, code in (
        (empty, "importer-nothing-found"),
        (archive, "importer-wrong-archive"),
    ):
        with pytest.raises(SourceError) as caught:
            read(SlackUsersImporter, path)
        assert caught.value.code == code
    assert check(SlackUsersImporter, archive) == {"importer-wrong-archive"}


def test_every_importer_is_found_by_its_key() -> None:
    visible = [(importer.key, importer.name) for importer in visible_importers()]

    assert visible == [
        ("csv", "CSV"),
        ("slack", "Slack"),
        ("slack-users", "Slack_Users"),
        ("jsonl", "JSONL"),
    ]
    assert find_importer("api") is not None
    assert find_importer("hipchatenterprise") is None
