"""Two workspaces on one server, and the workspaces of an organization."""

from __future__ import annotations

from typing import Any

from tests.cases.exports import LOBBY, MIA, TOM, channel, lobby, said, user
from tests.cases.importing import (
    Counted,
    Failure,
    Import,
    Line,
    RoomFacts,
    lines_in,
    people,
    readable_by,
    rooms,
    texts_in,
)


def workspace(letter: str, listed: list[dict[str, Any]]) -> dict[str, Any]:
    """Return an export of a private board, and of a direct room of the first two."""
    ids = [one["id"] for one in listed]
    return {
        "users.json": listed,
        "channels.json": [],
        "groups.json": [channel(f"G{letter}", "board", *ids[:1])],
        "dms.json": [{"id": f"D{letter}", "members": ids[:2]}],
        f"G{letter}/2021-03-01.json": [said(ids[0], f"board of {letter}")],
        f"D{letter}/2021-03-01.json": [said(ids[1], f"direct in {letter}")],
    }


NORTH = workspace(
    "N",
    [
        user("UN1", "nina", "nina@north.example"),
        user("UN2", "kim", "kim@north.example"),
    ],
)
SOUTH = workspace(
    "S",
    [
        user("US1", "sven", "sven@south.example"),
        user("US2", "kim", "kim@south.example"),
    ],
)


def test_private_rooms_of_one_name_in_two_workspaces_stay_two(
    bring_in: Import,
) -> None:
    bring_in(NORTH)
    imported = bring_in(SOUTH)

    assert rooms() == {
        "board": RoomFacts("p", ("nina",)),
        "kim/nina": RoomFacts("d", ("kim", "nina")),
        "board-2": RoomFacts("p", ("sven",)),
        "kim-2/sven": RoomFacts("d", ("kim-2", "sven")),
    }
    assert lines_in("board") == [Line("nina", "board of N")]
    assert lines_in("board-2") == [Line("sven", "board of S")]
    assert "board-2" in imported.note_on("GS")
    assert imported.note_on("GS") in imported.printed
    assert imported.counted("channel") == Counted(imported=2)


def test_workspaces_cannot_read_each_other(bring_in: Import) -> None:
    bring_in(NORTH)
    bring_in(SOUTH)

    seen = {name: readable_by(name) for name in people()}
    assert seen == {
        "nina": {"board", "kim/nina"},
        "kim": {"kim/nina"},
        "sven": {"board-2", "kim-2/sven"},
        "kim-2": {"kim-2/sven"},
    }


def test_users_with_one_username_and_other_addresses_are_two_accounts(
    bring_in: Import,
) -> None:
    bring_in(NORTH)
    imported = bring_in(SOUTH)

    made = people()
    assert made["kim"].emails == ("kim@north.example",)
    assert made["kim"].import_ids == ("UN2",)
    assert made["kim-2"].emails == ("kim@south.example",)
    assert made["kim-2"].import_ids == ("US2",)
    assert "kim-2" in imported.note_on("US2")
    assert imported.counted("user") == Counted(imported=2)


def test_users_with_one_username_without_addresses_are_two_accounts(
    bring_in: Import,
) -> None:
    bring_in(workspace("N", [user("UN1", "nina"), user("UN2", "kim")]))
    imported = bring_in(workspace("S", [user("US1", "sven"), user("US2", "kim")]))

    assert people().keys() == {"nina", "kim", "sven", "kim-2"}
    assert readable_by("kim-2") == {"kim-2/sven"}
    assert imported.guessed("user") == 0


def test_a_user_with_one_address_in_both_is_one_account(bring_in: Import) -> None:
    bring_in(NORTH)
    kim = user("US2", "kim.south", "KIM@north.example")
    imported = bring_in(
        workspace("S", [user("US1", "sven", "sven@south.example"), kim])
    )

    assert people().keys() == {"nina", "kim", "sven"}
    assert people()["kim"].import_ids == ("UN2", "US2")
    assert readable_by("kim") == {"kim/nina", "kim/sven"}
    assert lines_in("kim/sven") == [Line("kim", "direct in S")]
    assert imported.counted("user") == Counted(imported=1, updated=1)
    assert imported.guessed("user") == 0


def test_the_same_export_again_changes_and_duplicates_nothing(bring_in: Import) -> None:
    bring_in(NORTH)
    before = (people(), rooms(), lines_in("board"), lines_in("kim/nina"))

    imported = bring_in(NORTH)

    assert (people(), rooms(), lines_in("board"), lines_in("kim/nina")) == before
    assert imported.counted("user") == Counted(unchanged=2)
    assert imported.counted("channel") == Counted(unchanged=2)
    assert imported.counted("message") == Counted(unchanged=2)


def test_a_room_that_became_private_in_the_source_becomes_private(
    bring_in: Import,
) -> None:
    pay = channel("C02", "pay", "U01", "U02")
    bring_in(lobby(channels=[LOBBY, pay]))
    assert rooms()["pay"].type == "c"

    bring_in(lobby(channels=[LOBBY, {**pay, "is_private": True}]))
    assert rooms()["pay"].type == "p"
    bring_in(lobby(channels=[LOBBY, pay]))

    assert rooms()["pay"] == RoomFacts("p", ("mia", "tom"))


def test_users_of_an_organization_are_in_a_separate_list(
    bring_in: Import,
) -> None:
    entries = lobby(said("U01", "hello <@U02>"))
    entries["org_users.json"] = entries.pop("users.json")

    imported = bring_in(entries)

    assert texts_in("lobby") == ["hello @tom"]
    assert all(one.is_active for one in people().values())
    assert "Enterprise Grid" in imported.text_of("importer-kind-of-export")
    assert "importer-no-users-json" not in imported.warnings
    assert imported.exit_status == 0


GRID: dict[str, Any] = {
    "org_users.json": [MIA, TOM],
    "channels.json": [LOBBY],
    "lobby/2021-03-01.json": [said("U01", "for all")],
    "teams/sales/users.json": [MIA, user("U09", "ida", "ida@sales.example")],
    "teams/sales/channels.json": [
        channel("C07", "deals", "U01"),
        channel("C08", "lobby", "U09"),
    ],
    "teams/sales/groups.json": [channel("G07", "board", "U01")],
    "teams/sales/deals/2021-03-01.json": [said("U01", "sold one, see <#C08>")],
    "teams/sales/lobby/2021-03-01.json": [said("U09", "for sales")],
    "teams/sales/board/2021-03-01.json": [said("U01", "of sales")],
    "teams/lab/channels.json": [],
    "teams/lab/groups.json": [channel("G08", "board", "U02")],
    "teams/lab/board/2021-03-01.json": [said("U02", "of the lab")],
}


def test_workspaces_of_an_organization_are_read(bring_in: Import) -> None:
    imported = bring_in(GRID)

    assert rooms() == {
        "lobby": RoomFacts("c", ("mia", "tom")),
        "deals": RoomFacts("c", ("mia",)),
        "sales-lobby": RoomFacts("c", ("ida",)),
        "board": RoomFacts("p", ("mia",)),
        "lab-board": RoomFacts("p", ("tom",)),
    }
    assert texts_in("lobby") == ["for all"]
    assert texts_in("deals") == ["sold one, see #sales-lobby"]
    assert texts_in("sales-lobby") == ["for sales"]
    assert texts_in("board") == ["of sales"]
    assert texts_in("lab-board") == ["of the lab"]
    assert imported.facts["workspaces"] == 2
    assert "importer-no-private-channels" not in imported.warnings
    assert imported.exit_status == 0


def test_a_user_of_a_workspace_without_an_id_fails(bring_in: Import) -> None:
    users = "teams/sales/users.json"
    imported = bring_in({**GRID, users: [*GRID[users], {"name": "nobody"}]})

    assert imported.failures == [Failure(users, 3, "importer-user-missing-import-id")]
    assert imported.exit_status == 1


def test_files_of_workspaces_in_another_layout_are_counted(bring_in: Import) -> None:
    deeper = {"teams/sales/2021/deals/03-01.json": [said("U01", "sold")]}
    imported = bring_in({**GRID, **deeper})

    assert "imported (1)" in imported.text_of("importer-grid-teams")
    assert imported.exit_status == 1


def test_a_room_called_teams_is_a_room(bring_in: Import) -> None:
    teams = channel("C09", "teams", "U01")
    bring_in(
        {
            "users.json": [MIA],
            "channels.json": [teams],
            "teams/2021-03-01.json": [said("U01", "about teams")],
        }
    )

    assert texts_in("teams") == ["about teams"]
