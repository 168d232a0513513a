"""What rooms are called, when they were made, and which folder is theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from unicodedata import normalize

import pytest

from tests.cases.exports import LOBBY, MIA, NOON, TOM, channel, lobby, said
from tests.cases.importing import (
    STARTER,
    Import,
    messages_in,
    room_of,
    rooms,
    texts_in,
)

PEOPLE = [MIA, TOM]


@pytest.mark.parametrize(
    ("created", "moment"),
    [
        (NOON, datetime(2021, 3, 1, 12, tzinfo=UTC)),
        (str(NOON), datetime(2021, 3, 1, 12, tzinfo=UTC)),
        (NOON + 0.5, datetime(2021, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        (NOON * 1000, datetime(2021, 3, 1, 12, tzinfo=UTC)),
        (f"{NOON}500", datetime(2021, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_a_creation_time_is_a_number_or_a_text(
    bring_in: Import, created: object, moment: datetime
) -> None:
    bring_in(
        lobby(
            channels=[channel("C02", "attic", "U01", created=created)],
            dms=[{"id": "D01", "created": created, "members": ["U01", "U02"]}],
        )
        | {"lobby/2021-03-01.json": ""}
    )

    assert room_of("C02").created_at == moment
    assert room_of("D01").created_at == moment


@pytest.mark.parametrize("created", ["soon", 5, 32_503_680_000, "1.6E+12", None])
def test_a_creation_time_that_can_not_be_one_is_counted(
    bring_in: Import, created: object
) -> None:
    imported = bring_in(lobby(channels=[channel("C02", "attic", created=created)]))

    assert imported.facts["rooms without a readable creation time"] == 1
    assert room_of("C02").created_at > datetime(2026, 1, 1, tzinfo=UTC)


def test_rooms_without_readable_creator_and_members_are_counted(
    bring_in: Import,
) -> None:
    imported = bring_in(lobby(channels=[{**LOBBY, "creator": None, "members": "U01"}]))

    assert rooms()["lobby"].members == (STARTER,)
    assert imported.warnings["importer-unknown-creator"] == 1
    assert imported.facts["rooms without a readable list of members"] == 1


@pytest.mark.parametrize("flag", ["false", 0, "0", "No", None])
def test_a_false_flag_as_text_archives_nothing(bring_in: Import, flag: object) -> None:
    bring_in(lobby(channels=[channel("C02", "attic", "U01", is_archived=flag)]))

    assert not room_of("C02").is_archived


def test_a_name_that_a_mac_wrote_keeps_its_letters(bring_in: Import) -> None:
    name = "b\u00fcro"
    listed = channel("C02", normalize("NFD", name), "U01")

    bring_in(
        lobby(said("U01", "see <#C02>"), channels=[LOBBY, listed])
        | {f"{name}/1.json": [said("U01", "hello", 5)]}
    )

    assert room_of("C02").name == name
    assert texts_in(name) == ["hello"]
    assert texts_in("lobby") == [f"see #{name}"]


def test_a_mention_names_the_room_as_it_is_called_here(bring_in: Import) -> None:
    party = channel("C02", "🎉-party time", "U01")
    odd = channel("C03", "🎉", "U01")
    bring_in(
        lobby(
            said("U01", "see <#C02|🎉-party time>, <#C02> & <#C03>"),
            channels=[LOBBY, party, odd],
        )
    )

    assert room_of("C02").name == "party-time"
    assert texts_in("lobby") == ["see #party-time, #party-time & #🎉"]


def test_a_mention_names_the_room_that_got_another_name(bring_in: Import) -> None:
    attached = {"text": "moved to <#G02>, not <#C03>", "fallback": "<#G02>"}
    bring_in(
        lobby(
            said("U01", "see <#G02|plans>, not #plans-b", attachments=[attached]),
            said("U01", "<#C03> or <#G02>?"),
            channels=[LOBBY, channel("C03", "attic", "U01"), channel("C04", "plans")],
            groups=[channel("G02", "plans", "U01")],
        )
    )

    assert room_of("G02").name == "plans-2"
    assert texts_in("lobby") == [
        "see #plans-2, not #plans-b",
        "#attic or #plans-2?",
    ]
    (first, _second) = messages_in("lobby")
    assert first.extras is not None
    assert first.extras["attachments"] == [
        {"text": "moved to #plans-2, not #attic", "fallback": "#plans-2"}
    ]


def test_a_mention_of_several_rooms_by_one_name_stays(bring_in: Import) -> None:
    bring_in(
        lobby(
            said("U01", "<#C04> or <#G02>?"),
            channels=[LOBBY, channel("C04", "plans")],
            groups=[channel("G02", "plans", "U01")],
        )
    )

    assert texts_in("lobby") == ["#plans or #plans?"]


def test_names_topics_and_purposes_are_read_as_texts_are(bring_in: Import) -> None:
    research = channel(
        "C02",
        "r&amp;d",
        "U01",
        topic={"value": "see <https://a.example/p|the plan>, ask <@U02>"},
        purpose={"value": "A &lt;b&gt; &amp; C in <#C01|hall>"},
    )
    bring_in(
        lobby(said("U01", "see <#C02>"), channels=[LOBBY, research])
        | {"r&amp;d/2021-03-01.json": [said("U01", "found")]}
    )

    room = room_of("C02")
    assert (room.name, room.display_name) == ("r-d", "r&d")
    assert room.topic == "see [the plan](https://a.example/p), ask @tom"
    assert room.description == "A <b> & C in #lobby"
    assert texts_in("r-d") == ["found"]
    assert texts_in("lobby") == ["see #r-d"]


@pytest.mark.parametrize(
    ("naming", "name"),
    [
        ({"name": None, "name_normalized": "kitchen"}, "kitchen"),
        ({"name": "", "previous_names": ["cellar", "pantry"]}, "pantry"),
        ({"name": None}, "C02"),
    ],
)
def test_a_channel_without_a_name_takes_the_next_best(
    bring_in: Import, naming: dict[str, object], name: str
) -> None:
    bring_in(
        {
            "users.json": PEOPLE,
            "channels.json": [{**channel("C02", "", "U01"), **naming}],
            f"{name}/2021-03-01.json": [said("U01", "soup")],
        }
    )

    assert texts_in(name) == ["soup"]


def test_a_folder_in_another_unicode_form_is_the_same_room(bring_in: Import) -> None:
    name = "küche-señor"
    bring_in(
        {
            "users.json": PEOPLE,
            "channels.json": [channel("C02", normalize("NFC", name), "U01")],
            f"{normalize('NFD', name)}/2021-03-01.json": [said("U01", "soup")],
        }
    )

    assert texts_in(normalize("NFC", name)) == ["soup"]


def test_names_that_are_long_or_odd_are_kept(bring_in: Import) -> None:
    names = ["f" * 120, "größe-köln", "港区", "dot.dot", "Lobby", "lobby"]
    channels = [
        channel(f"C1{number}", name, "U01", purpose={"value": "why " * 900})
        for number, name in enumerate(names)
    ]
    days = {f"{name}/2021-03-01.json": [said("U01", f"in {name}")] for name in names}

    imported = bring_in({"users.json": PEOPLE, "channels.json": channels} | days)

    assert rooms().keys() == set(names)
    assert [texts_in(name) for name in names] == [[f"in {name}"] for name in names]
    assert room_of("C10").description.startswith("why " * 900)
    assert imported.exit_status == 0


def test_empty_rooms_are_imported_and_counted(bring_in: Import) -> None:
    imported = bring_in(
        lobby(
            said("U01", "here"),
            channels=[LOBBY, channel("C02", "empty", "U01")],
            groups=[],
            dms=[],
            mpims=[],
        )
    )

    assert rooms().keys() == {"lobby", "empty"}
    assert imported.facts["rooms without messages"] == 1
    assert "public channels" in imported.text_of("importer-kind-of-export")
