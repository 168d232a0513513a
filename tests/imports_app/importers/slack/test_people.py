"""Users of a Slack export, also those missing in users.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imports_app.importers.slack.archive import SlackImporter
from imports_app.records import ChannelRecord, MessageRecord, UserRecord
from tests.imports_app.importers.reading import read
from tests.imports_app.importers.slack.test_archive import packed

ANN = {"id": "U1", "name": "ann"}
BO = {"id": "U2", "name": "bo", "enterprise_user": {"id": "W2"}}
NEWS = {"id": "C1", "name": "news", "members": ["U1"]}
PROFILE = {"name": "pat", "real_name": "", "display_name": "Pat of Acme"}


def said(user: str, second: int, **fields: Any) -> dict[str, Any]:
    time = f"{1_600_000_000 + second}.000100"
    return {"type": "message", "user": user, "text": "hi", "ts": time, **fields}


def records(
    path: Path, *day: dict[str, Any], users: list[Any], **roots: list[Any]
) -> list[Any]:
    entries = {
        "users.json": users,
        "channels.json": [NEWS],
        **{f"{name}.json": content for name, content in roots.items()},
        "news/1.json": list(day),
    }
    found, _notes = read(SlackImporter, packed(path, entries))
    return [one.record for one in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.zip"


def test_placeholder_uses_the_first_profile(path: Path) -> None:
    direct = {"id": "D1", "members": ["U1", "W9"]}
    day = (
        said("W9", 1),
        said("U1", 2, reactions=[{"name": "+1", "users": ["W9"]}]),
        said("W9", 3, user_profile=PROFILE),
        said("W9", 4, user_profile={"name": "other", "real_name": "Other"}),
    )

    found = records(path, *day, users=[ANN], dms=[direct])

    [partner] = [
        one for one in found if isinstance(one, UserRecord) and "W9" in one.import_ids
    ]
    assert (partner.username, partner.name) == ("pat", "Pat of Acme")
    assert partner.is_deleted


def test_placeholders_without_profile_are_yielded_last(
    path: Path,
) -> None:
    entries = {
        "users.json": [ANN],
        "channels.json": [NEWS],
        "dms.json": [{"id": "D1", "members": ["U1", "W9"]}],
        "news/1.json": [said("W8", 1), said("W9", 2)],
    }

    found, notes = read(SlackImporter, packed(path, entries))

    last = [(one.record.import_ids, one.file, one.line) for one in found[-2:]]
    assert last == [(("W9",), "dms.json", 1), (("W8",), "news/1.json", 1)]
    assert notes["importer-placeholder-user"]["count"] == 2


def test_usernames_and_organization_ids_identify_a_user(path: Path) -> None:
    team = {**NEWS, "members": ["ann", "W2"]}
    day = (said("ann", 1), said("W2", 2), said("U1", 3, text="<@W2> and <@ann>"))

    users, rooms, messages = by_kind(
        records(path, *day, users=[ANN, BO], groups=[{**team, "id": "G1"}])
    )

    assert [one.import_ids for one in users] == [("U1",), ("U2", "W2")]
    assert rooms[1].members == ("U1", "W2")
    assert [one.author for one in messages] == ["U1", "W2", "U1"]
    assert messages[2].text == "@bo and @ann"


def test_ambiguous_username_identifies_no_user(path: Path) -> None:
    other = {"id": "U3", "name": "ann"}

    users, _rooms, messages = by_kind(records(path, said("ann", 1), users=[ANN, other]))

    assert messages[0].author == "ann"
    assert [one.import_ids for one in users] == [("U1",), ("U3",), ("ann",)]


def test_id_has_precedence_over_a_username(path: Path) -> None:
    crossed = [{"id": "ann", "name": "bo"}, {"id": "bo", "name": "ann"}]

    users, _rooms, messages = by_kind(
        records(path, said("ann", 1), said("bo", 2), users=crossed)
    )

    assert [one.import_ids for one in users] == [("ann",), ("bo",)]
    assert [one.author for one in messages] == ["ann", "bo"]


def by_kind(
    found: list[Any],
) -> tuple[list[UserRecord], list[ChannelRecord], list[MessageRecord]]:
    return (
        [one for one in found if isinstance(one, UserRecord)],
        [one for one in found if isinstance(one, ChannelRecord)],
        [one for one in found if isinstance(one, MessageRecord)],
    )
