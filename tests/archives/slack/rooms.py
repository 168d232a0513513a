"""Rooms whose privacy, names or folders are odd."""

from __future__ import annotations

from typing import Any, Final
from unicodedata import normalize

from tests.archives.slack.draft import ANN, BOB, SlackDraft, SlackOddity
from tests.cases.exports import NOON, channel

_AMBIGUOUS: Final = "importer-ambiguous-folder"
_WRONG_LISTS: Final[tuple[tuple[str, str, dict[str, Any], str], ...]] = (
    ("CPRIV", "channels.json", {"is_private": True}, "p"),
    ("CGRP", "channels.json", {"is_group": True, "is_channel": True}, "p"),
    ("GOPEN", "groups.json", {"is_private": False, "is_channel": True}, "p"),
    ("CFALSE", "channels.json", {"is_private": False, "is_im": None}, "c"),
    ("CWORD", "channels.json", {"is_private": "true"}, "p"),
    ("CONE", "channels.json", {"is_private": 1}, "p"),
    ("CNO", "channels.json", {"is_private": "false", "is_group": 0}, "c"),
)


def privacy_flags_in_the_wrong_list(draft: SlackDraft) -> None:
    """Rooms whose own flags are stricter, or less strict, than their list."""
    for identity, file, flags, kind in _WRONG_LISTS:
        name = f"flags-{identity.lower()}"
        draft.room(identity, name, ANN, kind=kind, file=file, **flags)
        draft.say(name, ANN, f"said in {identity}")


def direct_messages_in_the_wrong_list(draft: SlackDraft) -> None:
    """Direct rooms among channels, and groups of people that say they are none."""
    for number, (file, flags) in enumerate(
        (
            ("channels.json", {"is_im": True}),
            ("channels.json", {"is_mpim": True, "is_private": True}),
            ("mpims.json", {"is_mpim": False}),
            ("groups.json", {"is_mpim": True}),
        )
    ):
        person, identity = f"UWL{number}", f"XWL{number}"
        draft.person(person, f"listed{number}")
        label = draft.direct_label(ANN, person)
        draft.expect_room(label, ANN, person, kind="d")
        element = channel(identity, identity.lower(), ANN, person, **flags)
        draft.add_list_element(file, element)
        draft.say(identity, person, "between us", room=label)


def public_and_private_room_of_one_name(draft: SlackDraft) -> None:
    """A folder whose name two rooms have: the private one gets the messages."""
    draft.room("CBUD", "budget", ANN, BOB)
    draft.room("GBUD", "budget", ANN, kind="p", file="groups.json", label="budget-2")
    draft.say("budget", ANN, "whose is this?", room="budget-2")
    draft.say("GBUD", ANN, "the group's own", room="budget-2")
    draft.effect.guess(_AMBIGUOUS, "message")


def private_rooms_of_one_name(draft: SlackDraft) -> None:
    """Two private rooms of one name: their common folder leads to neither."""
    draft.room("GPL1", "plans", ANN, kind="p", file="groups.json")
    draft.room("GPL2", "plans", BOB, kind="p", file="groups.json", label="plans-2")
    draft.say("GPL1", ANN, "only ann knows", room="plans")
    draft.say("GPL2", BOB, "only bob knows", room="plans-2")
    element = draft.message(ANN, "who may know?")
    draft.fail_message("plans", element, "importer-message-unknown-room")
    draft.effect.warnings["importer-folder-of-several-rooms"] += 1
    draft.effect.facts["messages in folders without a room"] += 1


def archived_and_live_room_of_one_name(draft: SlackDraft) -> None:
    """Two public rooms of one name: the one that is not archived has the folder."""
    draft.room("COLD", "relaunch", ANN, is_archived=True)
    draft.room("CNEW", "relaunch", BOB, label="relaunch-2")
    draft.say("relaunch", BOB, "still going", room="relaunch-2")
    draft.effect.guess(_AMBIGUOUS, "message")


def groups_with_the_same_members(draft: SlackDraft) -> None:
    """Two group direct messages of the same people are one room."""
    draft.person("UGSP", "same")
    members = (ANN, BOB, "UGSP")
    label = draft.direct_label(*members)
    draft.expect_room(label, *members, kind="d")
    for number in (1, 2):
        name = f"mpdm-ann--bob--same-{number}"
        draft.add_list_element("mpims.json", channel(f"GSP{number}", name, *members))
    draft.effect.outcomes["channel", "updated"] += 1
    draft.say("mpdm-ann--bob--same-1", ANN, "first group", room=label)
    draft.say("mpdm-ann--bob--same-2", "UGSP", "second group", room=label)


def group_of_nine_members(draft: SlackDraft) -> None:
    """A group that is too large for a direct room becomes a private one."""
    crowd = [f"UNINE{number}" for number in range(9)]
    for number, identity in enumerate(crowd):
        draft.person(identity, f"nine{number}")
    draft.room("GNINE", "mpdm-nine-1", *crowd, kind="p", file="mpims.json")
    draft.say("mpdm-nine-1", crowd[8], "all nine")


def direct_room_without_members(draft: SlackDraft) -> None:
    """A group direct message whose people nobody lists."""
    element = {"id": "GNOB", "name": "mpdm-nobody-1", "members": None}
    line = draft.add_list_element("mpims.json", element)
    code = "importer-channel-invalid-creator"
    draft.effect.fail("channel", "mpims.json", line, code)
    draft.fail_message(
        "GNOB", draft.message(ANN, "anybody?"), "importer-message-unknown-room"
    )


def creation_times_of_all_kinds(draft: SlackDraft) -> None:
    """`created` as a number, a text, with fractions, and as what is no time."""
    for number, created in enumerate((NOON, str(NOON), f"{NOON}.5", NOON + 0.25)):
        name = f"made-{number}"
        draft.room(f"CMADE{number}", name, ANN, created=created)
        draft.effect.created[name] = int(float(str(created)) * 1000)
    for number, created in enumerate((True, "soon", -1, 10**15, None, [], 5)):
        draft.room(f"CNOT{number}", f"not-made-{number}", ANN, created=created)


def rooms_without_names(draft: SlackDraft) -> None:
    """Rooms that are named by other keys, or by their id only."""
    draft.room("CNORM", "", ANN, label="normal", name_normalized="normal")
    draft.room("CPREV", "", ANN, label="later", previous_names=["sooner", "later"])
    draft.room("CBARE", "", ANN, label="CBARE")
    draft.expect_room("CNULL", ANN)
    draft.add_list_element("channels.json", {**channel("CNULL", "", ANN), "name": None})
    draft.say("normal", ANN, "by the normal name")
    draft.say("sooner", ANN, "by the first name", room="later")
    draft.say("CBARE", ANN, "by the id")


def room_names_with_other_characters(draft: SlackDraft) -> None:
    """Names that change here, and how mentions say them."""
    draft.room("CEMO", "launch\U0001f680", ANN, label="launch")
    draft.room("CAMP", "r&amp;d", ANN, label="r-d")
    draft.say("launch\U0001f680", ANN, "see <#CAMP>", room="launch", shown="see #r-d")
    draft.say("r&d", ANN, "see <#CEMO|x>", room="r-d", shown="see #launch")


def folders_in_another_unicode_form(draft: SlackDraft) -> None:
    """Folders as a Mac writes them, whose rooms are listed in the usual form."""
    draft.room("CNFC", "k\u00fchl", ANN)
    draft.room(
        "GNFD",
        normalize("NFD", "b\u00fcro"),
        ANN,
        kind="p",
        file="groups.json",
        label="b\u00fcro",
    )
    draft.say(normalize("NFD", "k\u00fchl"), ANN, "decomposed", room="k\u00fchl")
    draft.say("b\u00fcro", ANN, "composed", room="b\u00fcro")


def renamed_room_with_the_old_folder(draft: SlackDraft) -> None:
    """A room whose history lies below its old and its new name."""
    draft.room("CREN", "harbour", ANN, previous_names=["port"])
    draft.say("port", ANN, "ships come in", room="harbour")
    draft.say(
        "harbour",
        ANN,
        "x renamed the channel",
        shown="harbour",
        says={"event": "r"},
        subtype="channel_name",
        old_name="port",
        name="harbour",
    )


def folder_without_a_room(draft: SlackDraft) -> None:
    """A folder that no list names."""
    for _ in range(2):
        draft.fail_message(
            "nowhere", draft.message(ANN, "lost"), "importer-message-unknown-room"
        )
    draft.effect.warnings["importer-folder-without-room"] += 1
    draft.effect.facts["messages in folders without a room"] += 2


def invalid_rooms(draft: SlackDraft) -> None:
    """Elements of lists of rooms without an id, or that are no objects."""
    for element, code in (
        ({"name": "no-id"}, "importer-channel-missing-import-id"),
        ("no object", "importer-record-malformed"),
        (None, "importer-record-malformed"),
    ):
        line = draft.add_list_element("groups.json", element)
        draft.effect.fail("channel", "groups.json", line, code)


def room_with_an_overlong_name(draft: SlackDraft) -> None:
    """A name that no column holds, and one of no letters; nobody created them."""
    for name, code in (
        ("n" * 300, "importer-value-too-long"),
        ("!!!", "importer-channel-missing-name"),
    ):
        element = {"id": f"C{code[-4:].upper()}", "name": name, "members": [ANN]}
        line = draft.add_list_element("channels.json", element)
        draft.effect.fail("channel", "channels.json", line, code)
        draft.effect.warnings["importer-unknown-creator"] += 1


def days_in_odd_names(draft: SlackDraft) -> None:
    """Files of a room's folder that are not named after a day."""
    draft.room("CDAYS", "days", ANN)
    for name in ("2021-03-01 (2)", "all", "\u6771\u4eac", "2021-02-30"):
        element = draft.message(ANN, name)
        draft.files[f"days/{name}.json"] = [element]
        draft.expect_message("days", element)


ODDITIES: Final[tuple[SlackOddity, ...]] = (
    privacy_flags_in_the_wrong_list,
    direct_messages_in_the_wrong_list,
    public_and_private_room_of_one_name,
    private_rooms_of_one_name,
    archived_and_live_room_of_one_name,
    groups_with_the_same_members,
    group_of_nine_members,
    direct_room_without_members,
    creation_times_of_all_kinds,
    rooms_without_names,
    room_names_with_other_characters,
    folders_in_another_unicode_form,
    renamed_room_with_the_old_folder,
    folder_without_a_room,
    invalid_rooms,
    room_with_an_overlong_name,
    days_in_odd_names,
)
