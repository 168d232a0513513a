"""Users who left a Slack workspace and joined again with the same address."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from imports_app.importers.slack.archive import SlackImporter
from imports_app.records import BadRecord, MessageRecord, UserRecord
from tests.imports_app.importers.reading import read
from tests.imports_app.importers.slack.test_archive import packed


def user(identity: str, name: str, **more: Any) -> dict[str, Any]:
    profile = {"real_name": name.title(), "email": "Ann@Example.org"}
    return {"id": identity, "name": name, "profile": profile, **more}


LEFT = user("U1", "ann", deleted=True)
BACK = user("U2", "ann2")
AGAIN = user("U3", "ann3", deleted=True)
SAID = {"type": "message", "text": "<@U1> <@U2>", "ts": "1600000000.000100"}
NEWS = {"id": "C1", "name": "news", "members": ["U1"]}


@pytest.mark.parametrize("users", list(permutations((LEFT, BACK, AGAIN))))
def test_active_user_gets_all_ids_in_any_order(
    tmp_path: Path, users: tuple[dict[str, Any], ...]
) -> None:
    entries = {
        "users.json": list(users),
        "channels.json": [NEWS],
        "news/1.json": [{**SAID, "user": "U1"}],
    }
    found, notes = read(SlackImporter, packed(tmp_path / "x.zip", entries))

    records = [one.record for one in found]
    [ann] = [one for one in records if isinstance(one, UserRecord)]
    assert ann.import_ids[0] == "U2"
    assert set(ann.import_ids) == {"U1", "U2", "U3"}
    assert ann.is_deleted is False
    skipped = [one for one in records if isinstance(one, BadRecord)]
    assert [(one.code, one.is_left_out) for one in skipped] == [
        ("importer-user-rejoined", True)
    ] * 2
    [message] = [one for one in records if isinstance(one, MessageRecord)]
    assert message.text == "@ann2 @ann2"
    assert notes["importer-user-rejoined"]["count"] == 2


def test_first_user_is_imported_if_none_is_active(tmp_path: Path) -> None:
    entries = {"users.json": [LEFT, AGAIN]}
    found, _notes = read(SlackImporter, packed(tmp_path / "x.zip", entries))

    ann = found[0].record
    assert isinstance(ann, UserRecord)
    assert (ann.import_ids, ann.is_deleted) == (("U1", "U3"), True)


@pytest.mark.parametrize(
    "others",
    [
        (user("U2", "bot", is_bot=True),),
        ({"id": "U2", "name": "bo", "profile": {}}, {"id": "U3", "profile": None}),
        ({"id": "U2", "name": "bo", "profile": {"email": "bo@example.org"}},),
    ],
)
def test_other_users_are_not_merged(
    tmp_path: Path, others: tuple[dict[str, Any], ...]
) -> None:
    entries = {"users.json": [LEFT, *others]}
    found, notes = read(SlackImporter, packed(tmp_path / "x.zip", entries))

    assert len([one for one in found if isinstance(one.record, UserRecord)]) > len(
        others
    )
    assert "importer-user-rejoined" not in notes
