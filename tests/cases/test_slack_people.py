"""Who an export's people become: accounts, their names, and who is the same person."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.cases.exports import DAY, LOBBY, MIA, TOM, channel, lobby, said, user
from tests.cases.importing import (
    STARTER,
    Counted,
    Failure,
    Import,
    Line,
    Person,
    RoomFacts,
    lines_in,
    messages_in,
    people,
    rooms,
    texts_in,
)

VAL = {"name": "val.kay", "real_name": "Val Kay", "display_name": "Val", "team": "T9"}


def test_an_unlisted_user_whom_a_list_names_first_gets_the_name_of_a_later_profile(
    bring_in: Import,
) -> None:
    imported = bring_in(
        {
            "users.json": [MIA, TOM],
            "channels.json": [channel("C01", "lobby", "U01", "W07")],
            "mpims.json": [channel("G01", "mpdm-1", "U01", "U02", "W07")],
            "dms.json": [{"id": "D01", "members": ["U01", "W07"]}],
            DAY: [
                said("U01", "welcome <@W07>", 1),
                said("W07", "no profile yet", 2),
                said("W07", "thank you", 3, user_profile=VAL),
            ],
        }
    )

    unlisted = people()["val.kay"]
    assert unlisted == Person("Val Kay", False, ("user",), ("W07",), ())
    assert lines_in("lobby") == [
        Line("mia", "welcome @val.kay"),
        Line("val.kay", "no profile yet"),
        Line("val.kay", "thank you"),
    ]
    assert rooms() == {
        "lobby": RoomFacts("c", ("mia", "val.kay")),
        "mia/tom/val.kay": RoomFacts("d", ("mia", "tom", "val.kay")),
        "mia/val.kay": RoomFacts("d", ("mia", "val.kay")),
    }
    assert imported.warnings["importer-placeholder-user"] == 1
    assert imported.counted("user") == Counted(imported=3)


def test_an_unlisted_user_gets_the_name_of_a_later_import(
    bring_in: Import,
) -> None:
    direct = {
        "users.json": [MIA],
        "dms.json": [{"id": "D01", "members": ["U01", "W07"]}],
    }
    bring_in(direct | {"D01/2021-03-01.json": [said("U01", "anybody there?")]})
    [unlisted] = [one for one in people().values() if "W07" in one.import_ids]
    assert (unlisted.name, unlisted.is_active) == ("W07", False)

    later = [said("W07", "yes", 60, user_profile=VAL)]
    imported = bring_in(direct | {"D01/2021-03-02.json": later})

    [unlisted] = [one for one in people().values() if "W07" in one.import_ids]
    assert (unlisted.name, unlisted.is_active) == ("Val Kay", False)
    assert imported.counted("user") == Counted(updated=1, unchanged=1)
    [direct_room] = rooms()
    assert texts_in(direct_room) == ["anybody there?", "yes"]


def test_display_names_of_unlisted_users_are_read_like_those_of_listed_users(
    bring_in: Import,
) -> None:
    listed = {"id": "U03", "name": "", "profile": {"display_name": "Kim L"}}
    profile = {"display_name": "Val K", "real_name": ""}

    bring_in(
        lobby(
            said("W07", "hello <@U03>", user_profile=profile),
            said("U03", "hello <@W07>", 1),
            users=[MIA, listed],
        )
    )

    assert people()["Kim.L"].name == "Kim L"
    assert people()["Val.K"].name == "Val K"
    assert texts_in("lobby") == ["hello @Kim.L", "hello @Val.K"]


def test_mentions_of_unknown_users_keep_a_name_or_the_id(bring_in: Import) -> None:
    bring_in(lobby(said("U01", "ask <@U90>, <@U91|nils> or <@U02|tom>")))

    assert texts_in("lobby") == ["ask @U90, @nils or @tom"]


def test_the_ids_of_an_organization_and_of_the_workspace_are_one_user(
    bring_in: Import,
) -> None:
    mia = user("U01", "mia", "mia@north.example", enterprise_user={"id": "W01"})

    bring_in(
        {
            "users.json": [mia, TOM],
            "channels.json": [channel("C01", "lobby", "W01", "U02")],
            DAY: [
                said("W01", "by the organization's id", 1),
                said("U01", "by the workspace's id", 2),
                said("U02", "<@W01> is <@U01>", 3),
            ],
        }
    )

    assert people().keys() == {"mia", "tom"}
    assert people()["mia"].import_ids == ("U01", "W01")
    assert [line.author for line in lines_in("lobby")] == ["mia", "mia", "tom"]
    assert texts_in("lobby")[2] == "@mia is @mia"
    assert rooms()["lobby"].members == ("mia", "tom")


def test_entities_in_profiles_and_names_of_bots_are_decoded(bring_in: Import) -> None:
    profile = {"real_name": "Q &amp; A", "title": "R&amp;D", "status_text": "1 &lt; 2"}
    unlisted = {"name": "val", "real_name": "Val &amp; Kay"}

    bring_in(
        lobby(
            said("U01", "hi", 1),
            said("W07", "hello", 2, user_profile=unlisted),
            said("", "built", 3, subtype="bot_message", username="C&amp;I"),
            **{"users": [{**MIA, "real_name": "x", "profile": profile}]},
        )
    )

    mia = User.objects.get(username="mia")
    assert (mia.name, mia.bio, mia.status_text) == ("Q & A", "R&D", "1 < 2")
    assert people()["val"].name == "Val & Kay"
    assert people()["c.i"].name == "C&I"
    assert (messages_in("lobby")[-1].extras or {})["alias"] == "C&I"


def test_long_statuses_and_names_are_shortened_and_counted(bring_in: Import) -> None:
    long = "x" * 256
    file = {"id": "F01", "name": long, "url_private": "https://files.example/f"}
    imported = bring_in(
        lobby(
            said("U01", "see", files=[file]),
            said("U01", "beep", subtype="bot_message", username=long, bot_id="B01"),
            users=[user("U01", "mia", profile={"status_text": long})],
        )
    )

    assert imported.facts["shortened texts"] == 3
    assert User.objects.get(username="mia").status_text == long[:255]
    assert "Statuses and names shortened to 255 characters: 3" in imported.printed


def test_examples_of_changed_usernames_are_different(bring_in: Import) -> None:
    bot = {"subtype": "bot_message", "username": "Deploy Bot"}

    imported = bring_in(
        lobby(*(said("", "built", n, bot_id=f"B{n}", **bot) for n in range(2)))
    )

    code = "importer-username-changed"
    assert imported.warnings[code] == 2
    assert imported.text_of(code).endswith("such as deploy bot to deploy.bot.")


def test_usernames_instead_of_ids_refer_to_listed_users(
    bring_in: Import,
) -> None:
    imported = bring_in(lobby(said("mia", "by name"), said("U01", "by id", 5)))

    assert people().keys() == {"mia", "tom"}
    assert lines_in("lobby") == [Line("mia", "by name"), Line("mia", "by id")]
    assert "importer-placeholder-user" not in imported.warnings


@pytest.mark.parametrize("who_left", ["first", "second"])
def test_a_user_who_left_and_rejoined_is_one_active_user(
    bring_in: Import, who_left: str
) -> None:
    old = user("U01", "mia", "mia@north.example", deleted=who_left == "first")
    new = user("U03", "mia.b", "MIA@north.example", deleted=who_left == "second")

    imported = bring_in(
        {
            "users.json": [old, TOM, new],
            "channels.json": [channel("C01", "lobby", "U01", "U02", "U03")],
            DAY: [
                said("U01", "before", 1),
                said("U03", "after", 2),
                said("U02", "<@U01> <@U03>", 3),
            ],
        }
    )

    name = "mia.b" if who_left == "first" else "mia"
    assert people().keys() == {name, "tom"}
    assert people()[name].is_active
    assert people()[name].import_ids == ("U01", "U03")
    assert rooms()["lobby"].members == tuple(sorted((name, "tom")))
    assert lines_in("lobby") == [
        Line(name, "before"),
        Line(name, "after"),
        Line("tom", f"@{name} @{name}"),
    ]
    assert imported.counted("user") == Counted(imported=2, skipped=1)
    assert imported.warnings["importer-user-rejoined"] == 1
    assert "importer-user-rejoined" in imported.printed


def test_a_user_who_rejoined_later_stays_deactivated_and_is_named(
    bring_in: Import,
) -> None:
    left = user("U01", "mia", "mia@north.example", deleted=True)
    back = user("U03", "mia.b", "mia@north.example")
    bring_in(lobby(users=[left, TOM]))
    again = bring_in(lobby(users=[left, TOM]))
    assert "importer-user-stays-deactivated" not in again.warnings

    imported = bring_in(lobby(said("U03", "back"), users=[left, TOM, back]))

    assert not people()["mia"].is_active
    assert people()["mia"].import_ids == ("U01", "U03")
    assert lines_in("lobby") == [Line("mia", "back")]
    assert "stays deactivated" in imported.note_on("U03")
    assert imported.warnings["importer-user-stays-deactivated"] == 1
    assert imported.files_of("importer-user-stays-deactivated") == ["users.json"]
    assert "importer-user-stays-deactivated" in imported.printed
    assert imported.exit_status == 0


def test_a_manually_deactivated_user_stays_deactivated_and_is_named(
    bring_in: Import,
) -> None:
    bring_in(lobby())
    User.objects.filter(username="mia").update(is_active=False)

    imported = bring_in(lobby())

    assert not people()["mia"].is_active
    assert imported.warnings["importer-user-stays-deactivated"] == 1


def test_users_with_one_username_and_other_addresses_are_two_users(
    bring_in: Import,
) -> None:
    listed = [
        user("U01", "kim", "kim@north.example"),
        user("U02", "kim", "kim.two@north.example"),
        user("U03", "Kim"),
    ]

    imported = bring_in(
        {
            "users.json": listed,
            "channels.json": [channel("C01", "lobby", "U01", "U02", "U03")],
            DAY: [said(one["id"], f"I am {one['id']}") for one in listed],
        }
    )

    assert {name: one.import_ids for name, one in people().items()} == {
        "kim": ("U01",),
        "kim-2": ("U02",),
        "Kim-3": ("U03",),
    }
    assert "kim-2" in imported.note_on("U02")
    assert "Kim-3" in imported.note_on("U03")
    assert imported.exit_status == 0


def test_usernames_of_other_scripts_stay_readable(bring_in: Import) -> None:
    long_name = "l" * 80
    names = ["jörg.weiß", "two words", "山田", long_name]
    listed = [
        user(f"U1{number}", name, f"u{number}@north.example")
        for number, name in enumerate(names)
    ]

    imported = bring_in(
        {
            "users.json": listed,
            "channels.json": [channel("C01", "lobby", *(one["id"] for one in listed))],
            DAY: [said("U10", "<@U11> <@U12> <@U13>")],
        }
    )

    names_by_id = {one.import_ids[0]: name for name, one in people().items()}
    assert names_by_id["U10"] == "jorg.weiss"
    assert names_by_id["U11"] == "two.words"
    assert names_by_id["U12"].isascii()
    assert names_by_id["U12"].isalpha()
    assert names_by_id["U13"] == long_name
    assert people()[names_by_id["U12"]].name == "山田 Berg"
    assert all("was changed to" in imported.note_on(f"U1{n}") for n in (0, 1, 2))
    assert texts_in("lobby") == [f"@two.words @{names_by_id['U12']} @{long_name}"]


def test_without_a_user_list_all_users_are_deactivated_and_reported(
    bring_in: Import,
) -> None:
    imported = bring_in(
        {
            "channels.json": [LOBBY],
            DAY: [said("U01", "hi", user_profile=VAL), said("U02", "ho", 5)],
        }
    )

    assert {name: one.is_active for name, one in people().items()} == {
        "val.kay": False,
        "u02": False,
    }
    assert imported.warnings["importer-no-users-json"] == 1
    assert imported.warnings["importer-placeholder-user"] == 2


def test_invalid_addresses_are_listed_and_identify_no_user(
    bring_in: Import,
) -> None:
    listed = [
        user("U01", "mia", "none"),
        user("U02", "tom", "none"),
        user("U05", "ann", "ann@corp"),
        user("U06", "bot", "x@rocket.chat-1"),
        user("U03", "eva", "eva@, eva@south.example"),
        user("U04", "jon", "jon@north.example; jon@south.example"),
    ]

    imported = bring_in(lobby(users=listed))

    assert {name: one.emails for name, one in people().items()} == {
        "mia": (),
        "tom": (),
        "eva": ("eva@south.example",),
        "ann": ("ann@corp",),
        "bot": ("x@rocket.chat-1",),
        "jon": ("jon@north.example", "jon@south.example"),
    }
    assert imported.warnings["importer-bad-address"] == 3
    assert imported.facts["users without e-mail address"] == 2
    assert "importer-bad-address" in imported.printed
    assert (
        "'eva@' was not added: the part before or after the @ is missing"
        in imported.note_on("U03")
    )


def test_without_addresses_no_user_is_matched_by_username(
    bring_in: Import,
) -> None:
    User.objects.create(username="mia")

    imported = bring_in(lobby(users=[user("U01", "mia"), user("U02", "tom")]))

    assert people()["mia-2"].import_ids == ("U01",)
    said_of_it = imported.text_of("importer-no-emails")
    assert "username" not in said_of_it
    assert "created as new users" in said_of_it


def test_an_invalid_address_is_skipped_and_reported(bring_in: Import) -> None:
    imported = bring_in(lobby(users=[user("U01", "mia", "no-address"), TOM]))

    assert people()["mia"].emails == ()
    assert "'no-address' was not added" in imported.note_on("U01")


def test_a_username_makes_no_user_an_administrator(bring_in: Import) -> None:
    namesake = user("U03", STARTER, "other@north.example")

    imported = bring_in(
        lobby(said("U03", "let me in", 1), said("U01", "hm", 2), users=[MIA, namesake])
    )

    code = "importer-privileged-user-unconfirmed"
    assert imported.failures == [Failure("users.json", 2, code), Failure(DAY, 1, code)]
    assert lines_in("lobby") == [Line("mia", "hm")]
    assert STARTER not in rooms()["lobby"].members
    assert imported.exit_status == 1
