"""Which rooms an export becomes, who may read them, and whose messages are whose."""

from __future__ import annotations

import pytest

from tests.cases.exports import LOBBY, MIA, TOM, channel, lobby, said, user
from tests.cases.importing import (
    Counted,
    Failure,
    Import,
    Line,
    RoomFacts,
    lines_in,
    room_of,
    rooms,
    texts_in,
)

PEOPLE = [MIA, TOM]


def test_private_channels_in_the_list_of_public_ones_are_in_the_export(
    bring_in: Import,
) -> None:
    pay = channel("C02", "pay", "U01", is_private=True)
    direct = {"id": "D01", "is_im": True, "members": ["U01", "U02"]}
    none = {"importer-no-private-channels", "importer-no-direct-messages"}

    assert none <= bring_in(lobby()).warnings.keys()
    with_private = bring_in(lobby(channels=[LOBBY, pay])).warnings.keys()
    assert with_private & none == {"importer-no-direct-messages"}
    with_both = bring_in(lobby(channels=[LOBBY, pay, direct])).warnings.keys()
    assert not with_both & none


def test_a_channel_that_turned_private_stays_private(bring_in: Import) -> None:
    pay = channel("C02", "pay", "U01", is_private=True, is_channel=True, is_group=False)

    imported = bring_in(
        lobby(channels=[LOBBY, pay])
        | {"pay/2021-03-01.json": [said("U01", "raises in May")]}
    )

    assert rooms() == {
        "lobby": RoomFacts("c", ("mia", "tom")),
        "pay": RoomFacts("p", ("mia",)),
    }
    assert lines_in("pay") == [Line("mia", "raises in May")]
    assert "all conversations" in imported.text_of("importer-kind-of-export")
    assert imported.exit_status == 0


@pytest.mark.parametrize(
    ("file", "flags", "type_"),
    [
        ("channels.json", {"is_private": False}, "c"),
        ("channels.json", {"is_group": True}, "p"),
        ("channels.json", {"is_mpim": True, "is_private": True}, "d"),
        ("channels.json", {"is_im": True}, "d"),
        ("channels.json", {"is_private": "true"}, "p"),
        ("channels.json", {"is_private": 1}, "p"),
        ("channels.json", {"is_mpim": "True"}, "d"),
        ("channels.json", {"is_private": "false", "is_group": 0}, "c"),
        ("groups.json", {"is_private": False, "is_channel": True}, "p"),
        ("mpims.json", {"is_mpim": False}, "d"),
    ],
)
def test_the_stricter_of_flags_and_file_says_who_may_read(
    bring_in: Import, file: str, flags: dict[str, bool], type_: str
) -> None:
    bring_in(
        {
            "users.json": PEOPLE,
            file: [channel("X01", "talk", "U01", "U02", **flags)],
            "X01/2021-03-01.json": [said("U01", "between us")],
        }
    )

    [facts] = rooms().values()
    assert facts == RoomFacts(type_, ("mia", "tom"))
    assert room_of("X01").messages.get().text == "between us"


@pytest.mark.parametrize(
    ("room_id", "flags", "type_"),
    [
        ("D0123ABCD", {}, "d"),
        ("G0123ABCD", {}, "p"),
        ("C0123ABCD", {}, "c"),
        ("G0123ABCD", {"is_private": False}, "c"),
        ("general", {}, "c"),
    ],
)
def test_the_id_of_a_room_without_flags_says_who_may_read(
    bring_in: Import, room_id: str, flags: dict[str, bool], type_: str
) -> None:
    bring_in(
        {
            "users.json": PEOPLE,
            "channels.json": [channel(room_id, "talk", "U01", "U02", **flags)],
        }
    )

    [facts] = rooms().values()
    assert facts == RoomFacts(type_, ("mia", "tom"))


def test_a_room_that_two_files_list_is_one_private_room(bring_in: Import) -> None:
    listed = channel("C02", "budget", "U01", "U02")

    imported = bring_in(
        {
            "users.json": PEOPLE,
            "channels.json": [listed],
            "groups.json": [listed],
            "budget/2021-03-01.json": [said("U01", "turned private")],
        }
    )

    assert rooms() == {"budget": RoomFacts("p", ("mia", "tom"))}
    assert texts_in("budget") == ["turned private"]
    assert imported.guesses == {}


def test_the_private_one_of_two_rooms_with_one_name_gets_the_folder(
    bring_in: Import,
) -> None:
    imported = bring_in(
        {
            "users.json": PEOPLE,
            "channels.json": [channel("C02", "budget", "U01", "U02")],
            "groups.json": [channel("G02", "budget", "U01")],
            "budget/2021-03-01.json": [said("U01", "whose is this?")],
            "G02/2021-03-02.json": [said("U01", "this is the group's", 9)],
        }
    )

    assert rooms() == {
        "budget": RoomFacts("c", ("mia", "tom")),
        "budget-2": RoomFacts("p", ("mia",)),
    }
    assert texts_in("budget") == []
    assert texts_in("budget-2") == ["whose is this?", "this is the group's"]
    assert "budget-2" in imported.note_on("G02")
    assert imported.guesses == {"importer-ambiguous-folder": 1}
    assert imported.files_of("importer-ambiguous-folder") == ["budget/2021-03-01.json"]
    assert imported.guessed("message") == 1
    assert "Guessed: " in imported.printed


def test_an_archived_and_a_live_channel_of_one_name_stay_two(bring_in: Import) -> None:
    imported = bring_in(
        {
            "users.json": PEOPLE,
            "channels.json": [
                channel("C02", "plans", "U01", is_archived=True),
                channel("C03", "plans", "U02"),
            ],
            "plans/2021-03-01.json": [said("U02", "still going")],
        }
    )

    assert rooms().keys() == {"plans", "plans-2"}
    assert room_of("C02").is_archived
    assert not room_of("C03").is_archived
    assert [one.text for one in room_of("C03").messages.all()] == ["still going"]
    assert not room_of("C02").messages.exists()
    assert "plans-2" in imported.note_on("C03")
    assert "not archived" in imported.text_of("importer-ambiguous-folder")


def test_two_private_channels_of_one_name_stay_two(bring_in: Import) -> None:
    imported = bring_in(
        {
            "users.json": PEOPLE,
            "groups.json": [
                channel("G02", "plans", "U01"),
                channel("G03", "plans", "U02"),
            ],
            "G02/2021-03-01.json": [said("U01", "only Mia knows")],
            "G03/2021-03-01.json": [said("U02", "only Tom knows")],
            "plans/2021-03-01.json": [said("U02", "who may know?")],
        }
    )

    assert rooms() == {
        "plans": RoomFacts("p", ("mia",)),
        "plans-2": RoomFacts("p", ("tom",)),
    }
    assert texts_in("plans") == ["only Mia knows"]
    assert texts_in("plans-2") == ["only Tom knows"]
    assert imported.failures == [
        Failure("plans/2021-03-01.json", 1, "importer-message-unknown-room")
    ]
    assert imported.files_of("importer-folder-of-several-rooms") == [
        "plans/2021-03-01.json"
    ]


def test_a_renamed_channel_has_its_folder_of_the_old_name(bring_in: Import) -> None:
    renamed = channel("C02", "harbour", "U01", previous_names=["port"])
    rename = {"subtype": "channel_name", "old_name": "port", "name": "harbour"}

    bring_in(
        {
            "users.json": PEOPLE,
            "channels.json": [renamed],
            "port/2021-03-01.json": [said("U01", "ships come in")],
            "harbour/2021-03-02.json": [said("U01", "renamed it", 99, **rename)],
        }
    )

    assert texts_in("harbour") == ["ships come in", "harbour"]
    assert list(rooms()) == ["harbour"]


def test_two_groups_with_the_same_members_are_one_room_with_both_histories(
    bring_in: Import,
) -> None:
    eva = user("U03", "eva", "eva@north.example")
    imported = bring_in(
        {
            "users.json": [*PEOPLE, eva],
            "mpims.json": [
                channel("G02", "mpdm-mia--tom--eva-1", "U01", "U02", "U03"),
                channel("G03", "mpdm-mia--tom--eva-2", "U01", "U02", "U03"),
            ],
            "mpdm-mia--tom--eva-1/2021-03-01.json": [said("U01", "first group")],
            "mpdm-mia--tom--eva-2/2021-03-01.json": [said("U03", "second group", 5)],
        }
    )

    assert rooms() == {"eva/mia/tom": RoomFacts("d", ("eva", "mia", "tom"))}
    assert texts_in("eva/mia/tom") == ["first group", "second group"]
    assert imported.counted("channel") == Counted(imported=1, updated=1)
    assert imported.exit_status == 0


def test_groups_with_one_name_are_distinguished_by_id(
    bring_in: Import,
) -> None:
    crowd = [user(f"U1{number}", f"guest{number}") for number in range(9)]
    ids = [one["id"] for one in crowd]
    name = "mpdm-guest0--guest1--guest2-1"

    imported = bring_in(
        {
            "users.json": crowd,
            "mpims.json": [
                channel("G02", name, *ids),
                channel("G03", name, *ids[:3]),
            ],
            "G02/2021-03-01.json": [said(ids[8], "all nine")],
            "G03/2021-03-01.json": [said(ids[0], "we three")],
            f"{name}/2021-03-02.json": [said(ids[0], "which group?", 9)],
        }
    )

    assert rooms() == {
        name: RoomFacts("p", tuple(f"guest{number}" for number in range(9))),
        "guest0/guest1/guest2": RoomFacts("d", ("guest0", "guest1", "guest2")),
    }
    assert texts_in(name) == ["all nine"]
    assert texts_in("guest0/guest1/guest2") == ["we three"]
    assert imported.counted("message") == Counted(imported=2, failed=1)
    assert "private rooms" in imported.text_of("importer-folder-of-several-rooms")
