"""Guests, bots, and people whom only a reaction names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.exports import MIA, lobby, said, user
from tests.cases.importing import Import, Line, Person, lines_in, messages_in, people


def test_guests_invited_users_and_bots_follow_their_flags(
    bring_in: Import,
) -> None:
    imported = bring_in(
        lobby(
            said("U01", "hello"),
            users=[
                user("U01", "boss", "b@north.example", is_admin=True, is_owner=True),
                user(
                    "U02",
                    "one.room",
                    "o@north.example",
                    is_restricted=True,
                    is_ultra_restricted=True,
                ),
                user("U03", "many.rooms", "m@north.example", is_restricted=True),
                user("U04", "not.yet", "n@north.example", is_invited_user=True),
                user("U05", "gone", "g@north.example", deleted=True),
                user("U06", "flow", is_app_user=True, is_workflow_bot=True),
                user("U07", "poll", is_bot=True),
            ],
        )
    )

    assert {name: (one.is_active, one.roles) for name, one in people().items()} == {
        "boss": (True, ("user",)),
        "one.room": (True, ("guest",)),
        "many.rooms": (True, ("guest",)),
        "not.yet": (False, ("user",)),
        "gone": (False, ("user",)),
        "flow": (True, ("bot", "user")),
        "poll": (True, ("bot", "user")),
    }
    wanted = {"users": 7, "guests": 2, "invited users": 1, "bots": 2}
    assert wanted.items() <= imported.facts.items()
    assert "guests: 2" in imported.printed


def test_users_of_other_organizations_are_deactivated_and_counted(
    bring_in: Import,
) -> None:
    imported = bring_in(
        lobby(
            said("U02", "from outside"),
            users=[
                user("U01", "mia", "mia@north.example", is_stranger=False),
                user("U02", "val", "val@far.example", is_stranger=True),
                user("U03", "tom.o", "tom@north.example", is_stranger=True),
                user("U04", "tom", "tom@north.example"),
            ],
        )
    )

    assert {name: one.is_active for name, one in people().items()} == {
        "mia": True,
        "val": False,
        "tom": True,
    }
    assert people()["tom"].import_ids == ("U03", "U04")
    assert lines_in("lobby") == [Line("val", "from outside")]
    assert imported.facts["users of other organisations"] == 1
    assert "Users: from other organizations: 1" in imported.printed


def test_flags_may_be_words_and_numbers(bring_in: Import) -> None:
    off: dict[str, Any] = {"deleted": "false", "is_bot": "0", "is_restricted": 0}
    bring_in(
        lobby(
            users=[
                user("U01", "off", **off),
                user("U02", "gone", deleted="true"),
                user("U03", "guest", is_restricted=1),
                user("U04", "poll", is_bot="Yes"),
                user("U05", "invited", is_invited_user="1"),
            ]
        )
    )

    assert {name: (one.is_active, one.roles) for name, one in people().items()} == {
        "off": (True, ("user",)),
        "gone": (False, ("user",)),
        "guest": (True, ("guest",)),
        "poll": (True, ("bot", "user")),
        "invited": (False, ("user",)),
    }


def test_bots_named_only_by_messages_never_become_users(bring_in: Import) -> None:
    def by_bot(text: str, second: int, **more: Any) -> dict[str, Any]:
        message = said("", text, second, subtype="bot_message", **more)
        del message["user"]
        return message

    imported = bring_in(
        lobby(
            by_bot("rolled out", 1, username="Ship It", icons={"emoji": ":ship:"}),
            by_bot("I am not Mia", 2, username="mia", bot_id="B02"),
            by_bot("hi", 3, bot_id="B03", bot_profile={"name": "Greeter"}),
            by_bot("from nobody", 4),
            said("USLACKBOT", "automatic", 5, subtype="slackbot_response"),
        )
    )

    assert lines_in("lobby") == [
        Line("ship.it", "rolled out"),
        Line("mia-2", "I am not Mia"),
        Line("greeter", "hi"),
        Line("rocket.cat", "from nobody"),
        Line("rocket.cat", "automatic"),
    ]
    made = people()
    assert all("bot" in made[line.author].roles for line in lines_in("lobby"))
    assert made["mia"].import_ids == ("U01",)
    first = messages_in("lobby")[0]
    assert first.extras == {"alias": "Ship It", "emoji": ":ship:", "bot": True}
    assert imported.warnings["importer-placeholder-bot"] == 3
    assert imported.warnings["importer-message-without-author"] == 1


def test_actions_of_users_with_bots_are_not_by_a_bot(bring_in: Import) -> None:
    bring_in(
        lobby(
            said("U01", "disabled it", 1, subtype="bot_disable", bot_id="B02"),
            said("U01", "enabled it", 2, subtype="bot_enable", bot_id="B02"),
        )
    )

    assert lines_in("lobby") == [Line("mia", "disabled it"), Line("mia", "enabled it")]
    assert [one.extras for one in messages_in("lobby")] == [None, None]


def test_reactions_of_unlisted_users_are_kept(
    bring_in: Import,
) -> None:
    reactions = [
        {"name": "wave::skin-tone-3", "users": ["U01", "U90"], "count": 2},
        {"name": "wave", "users": ["U02", "U01"], "count": 2},
        {"name": "our-logo", "users": ["U90"], "count": 1},
        {"name": "+1", "users": [], "count": 3},
        {"name": "tada", "count": 2},
        {"name": "eyes", "users": ["U02"], "count": 4},
    ]

    imported = bring_in(lobby(said("U01", "look", reactions=reactions)))

    [message] = messages_in("lobby")
    assert message.extras == {
        "reactions": {
            ":wave:": ["mia", "u90", "tom"],
            ":our-logo:": ["u90"],
            ":eyes:": ["tom"],
        }
    }
    assert people()["u90"] == Person("U90", False, ("user",), ("U90",), ())
    assert imported.facts["reactions without names"] == 3 + 2 + 3
    assert imported.warnings["importer-placeholder-user"] == 1


@pytest.mark.parametrize("is_bot_first", [True, False])
def test_a_bot_with_the_address_of_its_creator_is_another_user(
    bring_in: Import, is_bot_first: bool
) -> None:
    profile = {"bot_id": "B01"}
    bot = user("U03", "helper", "mia@north.example", is_bot=True, profile=profile)
    users = [bot, MIA] if is_bot_first else [MIA, bot]

    imported = bring_in(
        lobby(said("U03", "beep", bot_id="B01"), said("U01", "hello", 1), users=users)
    )

    assert lines_in("lobby") == [Line("helper", "beep"), Line("mia", "hello")]
    assert people()["helper"].emails == ()
    assert people()["mia"].roles == ("user",)
    assert imported.facts["addresses of bots"] == 1
