"""Two workspaces in which other people and rooms have the same ids."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError

from imports_app.models import Message, SourceWorkspace
from tests.cases.exports import channel, said, user
from tests.cases.importing import Import, Line, RoomFacts, lines_in, people, rooms


def workspace(team: str, names: list[str], domain: str) -> dict[str, Any]:
    """Return an export in which ids are the same in every workspace."""
    listed = [
        {**user(f"U{number}", name, f"{name}@{domain}.example"), "team_id": team}
        for number, name in enumerate(names, 1)
    ]
    first = said("U1", f"<@U2>, the board of {domain}")
    return {
        "users.json": listed,
        "groups.json": [channel("G1", "board", "U1", "U2")],
        "dms.json": [{"id": "D1", "members": ["U1", "U2"]}],
        "G1/2021-03-01.json": [
            {**first, "reactions": [{"name": "wave", "users": ["U2"], "count": 1}]}
        ],
        "D1/2021-03-01.json": [said("U2", f"direct in {domain}")],
    }


NORTH = workspace("TN", ["nina", "kim"], "north")
SOUTH = workspace("TS", ["sven", "kim"], "south")


def test_the_same_ids_in_two_workspaces_are_different_users_and_rooms(
    bring_in: Import,
) -> None:
    bring_in(NORTH)
    bring_in(SOUTH)

    assert {name: (one.emails, one.import_ids) for name, one in people().items()} == {
        "nina": (("nina@north.example",), ("U1",)),
        "kim": (("kim@north.example",), ("U2",)),
        "sven": (("sven@south.example",), ("TS-U1",)),
        "kim-2": (("kim@south.example",), ("TS-U2",)),
    }
    assert rooms() == {
        "board": RoomFacts("p", ("kim", "nina")),
        "kim/nina": RoomFacts("d", ("kim", "nina")),
        "board-2": RoomFacts("p", ("kim-2", "sven")),
        "kim-2/sven": RoomFacts("d", ("kim-2", "sven")),
    }
    assert lines_in("board") == [Line("nina", "@kim, the board of north")]
    assert lines_in("board-2") == [Line("sven", "@kim-2, the board of south")]


@pytest.mark.parametrize("again", [NORTH, SOUTH], ids=["first", "second"])
def test_a_workspace_that_is_imported_again_adds_nothing(
    bring_in: Import, again: dict[str, Any]
) -> None:
    bring_in(NORTH)
    bring_in(SOUTH)
    before = people(), rooms(), Message.objects.count()

    bring_in(again)

    assert (people(), rooms(), Message.objects.count()) == before


def test_the_workspace_of_an_older_release_is_recognized(bring_in: Import) -> None:
    bring_in(NORTH)
    SourceWorkspace.objects.all().delete()  # as it was before they were remembered
    before = people(), rooms()

    bring_in(SOUTH)
    bring_in(NORTH)

    assert people().keys() == {"nina", "kim", "sven", "kim-2"}
    assert {name: people()[name] for name in before[0]} == before[0]
    assert len(rooms()) == 4
    scopes = SourceWorkspace.objects.order_by("pk").values_list("workspace_id", "scope")
    assert list(scopes) == [("TS", "TS-"), ("TN", "")]


def test_exports_that_name_no_workspace_keep_their_ids(bring_in: Import) -> None:
    export = {**NORTH, "users.json": [user("U1", "nina", "nina@north.example")]}

    bring_in(export)

    assert people()["nina"].import_ids == ("U1",)
    assert not SourceWorkspace.objects.exists()


def test_users_with_one_address_are_one_account_in_both(bring_in: Import) -> None:
    bring_in(NORTH)
    bring_in(workspace("TW", ["nina", "otto"], "north"))

    assert set(people()["nina"].import_ids) == {"U1", "TW-U1"}
    assert people().keys() == {"nina", "kim", "otto"}


@pytest.mark.parametrize("team", ["T" * 300, "T 1", "T\u00e9", "../T1", ""])
def test_an_invalid_workspace_id_is_ignored(bring_in: Import, team: str) -> None:
    imported = bring_in(workspace(team, ["nina", "kim"], "north"))

    assert imported.failures == []
    assert people()["nina"].import_ids == ("U1",)
    assert not SourceWorkspace.objects.exists()


def without_teams(export: dict[str, Any]) -> dict[str, Any]:
    users = [{**one, "team_id": ""} for one in export["users.json"]]
    return export | {"users.json": users}


def test_an_unnamed_workspace_with_the_ids_of_other_users_fails(
    bring_in: Import,
) -> None:
    bring_in(NORTH)

    with pytest.raises(CommandError, match="importer-workspace-unnamed"):
        bring_in(without_teams(SOUTH))

    assert people().keys() == {"nina", "kim"}
    assert lines_in("board") == [Line("nina", "@kim, the board of north")]


def test_an_unnamed_export_of_the_same_users_adds_nothing(bring_in: Import) -> None:
    bring_in(NORTH)
    again = bring_in(without_teams(NORTH))

    assert people().keys() == {"nina", "kim"}
    assert again.counted("message").unchanged == 2
