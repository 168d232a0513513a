"""Rows of channels.csv, and folders, that are odd."""

from __future__ import annotations

from typing import Final
from unicodedata import normalize

from tests.archives.effects import PersonState
from tests.archives.tables.draft import DOCK, TablesDraft, TablesOddity
from tests.cases.tables import written

_CHANNELS: Final = "channels.csv"
_UNKNOWN_ROOM: Final = "importer-message-unknown-room"
_AMBIGUOUS: Final = "importer-ambiguous-folder"
_PRIVATE: Final = (
    *("private", "PRIVATE", " Privat ", "priv\u00e9e", "p", "true", "YES", "1", "ja"),
    *("private channel", "secret", "x"),
)
_PUBLIC: Final = ("public", "Public", "", "c", "false", "No", "0", "\u00f6ffentlich")


def words_for_privacy(draft: TablesDraft) -> None:
    """Words that say who may read a room, and words that say nothing."""
    for number, word in enumerate(_PRIVATE):
        draft.room(f"hidden-{number}", "kai", word, "lea", kind="p")
    for number, word in enumerate(_PUBLIC):
        draft.room(f"open-{number}", "kai", word)
    for word in ("confidential", "priv", "2"):
        name = f"vault-{word}"
        line = draft.add_channel(name, "kai", word, "lea")
        draft.fail(_CHANNELS, line, "importer-channel-unknown-privacy", "channel")
        draft.files[f"{name}/1.csv"] = f"kai,{draft.next_time()},who may read this?\n"
        draft.fail(f"{name}/1.csv", 1, _UNKNOWN_ROOM)
        draft.effect.warnings["importer-folder-without-room"] += 1


def rooms_without_names(draft: TablesDraft) -> None:
    """Rooms that have no name, or one of signs only, or one that is too long."""
    for name, code in (
        ("", "importer-channel-missing-name"),
        ("!!!", "importer-channel-missing-name"),
        ("n" * 300, "importer-value-too-long"),
    ):
        draft.fail(_CHANNELS, draft.add_channel(name, "kai", "public"), code, "channel")


def rooms_listed_twice(draft: TablesDraft) -> None:
    """The same room in two rows, whose members are added up."""
    draft.add_channel("twice", "kai", "public", "")
    draft.expect_room("twice", "kai", "lea", "oda")
    draft.add_channel("twice", "kai", "public", "lea,oda")
    draft.effect.outcomes["channel", "updated"] += 1


def private_and_public_room_of_one_name(draft: TablesDraft) -> None:
    """Two rooms of one name: the private one gets the messages."""
    draft.room("yard", "lea", "public")
    draft.room("yard", "kai", "private", kind="p", label="yard-2")
    draft.effect.guess(_AMBIGUOUS)
    draft.files["yard/1.csv"] = written([draft.say("yard-2", "kai", "whose?")])


def rooms_that_differ_in_case(draft: TablesDraft) -> None:
    """Two rooms and three folders that differ in case only."""
    draft.room("Crane", "kai", "public")
    draft.room("crane", "kai", "private", kind="p")
    draft.files["Crane/1.csv"] = written([draft.say("Crane", "kai", "for all")])
    draft.files["crane/1.csv"] = written([draft.say("crane", "kai", "for one")])
    draft.files["CRANE/1.csv"] = f"kai,{draft.next_time()},for whom?\n"
    draft.fail("CRANE/1.csv", 1, _UNKNOWN_ROOM)
    draft.effect.warnings["importer-folder-without-room"] += 1


def names_in_other_forms(draft: TablesDraft) -> None:
    """Folders in other Unicode forms, in capitals, and with blanks around them."""
    for form, name in (("NFC", "k\u00fchl"), ("NFD", "b\u00fcro")):
        draft.expect_room(name, "kai", kind="p")
        draft.private.add(f"csv-p-{name}")
        draft.add_channel(normalize(form, name), "kai", "private")  # type: ignore[arg-type]
        other = "NFD" if form == "NFC" else "NFC"
        row = draft.say(name, "kai", f"listed in {form}")
        draft.files[f"{normalize(other, name)}/1.csv"] = written([row])  # type: ignore[arg-type]
    draft.expect_room("Harbour-News", "kai")
    draft.add_channel("Harbour News ", "kai", "public")
    row = draft.say("Harbour-News", "kai", "in another case")
    draft.files[" harbour news /1.csv"] = written([row])
    draft.files["DOCK/2.csv"] = written([draft.say(DOCK, "kai", "in capitals")])


def unknown_room_members(draft: TablesDraft) -> None:
    """Creators and members who are listed nowhere."""
    draft.room("haunted", "ghost", "private", "lea", "wraith", kind="p")
    draft.effect.warnings["importer-unknown-creator"] += 1
    draft.effect.warnings["importer-unknown-members"] += 1


def folder_without_a_room(draft: TablesDraft) -> None:
    """A folder that channels.csv does not list."""
    rows = [["kai", str(draft.next_time()), "lost"] for _ in range(2)]
    draft.files["quay/1.csv"] = written(rows)
    for line in (1, 2):
        draft.fail("quay/1.csv", line, _UNKNOWN_ROOM)
    draft.effect.warnings["importer-folder-without-room"] += 1


def direct_messages(draft: TablesDraft) -> None:
    """Direct messages of two, of one, of unknown people, and of nobody."""
    file = "DirectMessages/a.csv"
    rows = []
    for label, author, partner in (
        ("kai/lea", "kai", "lea"),
        ("kai/lea", "lea", "kai"),
        ("oda/oda", "oda", "oda"),
        ("kai/stray", "kai", "stray"),
    ):
        if partner == "stray":
            state = PersonState("stray", is_active=False)
            draft.effect.people["stray"] = state
            draft.accounts["stray"] = "stray"
            draft.effect.warnings["importer-placeholders-created"] += 1
            draft.effect.warnings["importer-unknown-partners"] += 1
        if label not in draft.effect.rooms:
            draft.expect_room(label, author, partner, kind="d")
        said = draft.say(label, author, f"{author} to {partner}")
        rows.append([author, partner, *said[1:]])
    time = str(draft.next_time())
    rows += [["kai", "", time, "whom?"], ["", "lea", time, "who?"], ["kai"]]
    draft.files[file] = written(rows)
    draft.fail(file, 5, "importer-message-missing-recipient")
    draft.fail(file, 6, "importer-message-unknown-user")
    draft.fail(file, 7, "importer-row-too-short")


ODDITIES: Final[tuple[TablesOddity, ...]] = (
    words_for_privacy,
    rooms_without_names,
    rooms_listed_twice,
    private_and_public_room_of_one_name,
    rooms_that_differ_in_case,
    names_in_other_forms,
    unknown_room_members,
    folder_without_a_room,
    direct_messages,
)
