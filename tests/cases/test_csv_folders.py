"""Which room a folder belongs to, who may read it, and what is no table."""

from __future__ import annotations

from unicodedata import normalize

import pytest

from tests.cases.importing import (
    Counted,
    Failure,
    Import,
    RoomFacts,
    people,
    rooms,
    texts_in,
)
from tests.cases.tables import CHANNELS, HELLO, LOG, USERS, assert_ahoy, at, dock

UNKNOWN_ROOM = "importer-message-unknown-room"
WITHOUT_ROOM = "importer-folder-without-room"
AHOY = f"kai,{at()},ahoy\n"


def listed(*rows: str, **logs: str) -> dict[str, str]:
    """Return an archive with these rooms, and a file in each named folder."""
    return {
        "users.csv": USERS,
        "channels.csv": "".join(f"{row}\n" for row in rows),
        **{f"{folder}/1.csv": log for folder, log in logs.items()},
    }


@pytest.mark.parametrize("folder", ["Dock", "DOCK", " dock ", "dock "])
def test_case_and_spaces_create_no_other_room(
    bring_in_tables: Import, folder: str
) -> None:
    imported = bring_in_tables(dock() | {f"{folder}/1.csv": AHOY})

    assert_ahoy(imported)
    assert imported.warnings == {}


def test_a_room_listed_with_blanks_and_capitals_has_its_folder(
    bring_in_tables: Import,
) -> None:
    bring_in_tables(listed('"Harbour News ",kai,public,lea', **{"harbour news": AHOY}))

    assert texts_in("Harbour-News") == ["ahoy"]


@pytest.mark.parametrize("in_list", ["NFC", "NFD"])
@pytest.mark.parametrize("in_folder", ["NFC", "NFD"])
def test_unicode_forms_create_no_other_room(
    bring_in_tables: Import, in_list: str, in_folder: str
) -> None:
    name = "K\u00fchlhaus"
    row = normalize(in_list, f"{name},kai,private,lea")  # type: ignore[arg-type]
    folder = normalize(in_folder, name)  # type: ignore[arg-type]

    imported = bring_in_tables(listed(row, **{folder: AHOY}))

    [(room, facts)] = rooms().items()
    assert facts == RoomFacts("p", ("kai", "lea"))
    assert texts_in(room) == ["ahoy"]
    assert imported.warnings == {}
    assert imported.exit_status == 0


def test_one_room_may_have_folders_in_both_forms(bring_in_tables: Import) -> None:
    name = "k\u00fcche"
    bring_in_tables(
        listed(
            f"{name},kai,public,",
            **{
                normalize("NFC", name): f"kai,{at(1)},one\n",
                normalize("NFD", name): f"kai,{at(2)},two\n",
            },
        )
    )

    assert texts_in(name) == ["one", "two"]


def test_rooms_that_differ_in_case_only_have_a_folder_each(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(
        listed(
            *("Dock,kai,public,", "dock,kai,private,lea"),
            Dock=f"kai,{at(1)},for all\n",
            dock=f"kai,{at(2)},for two\n",
            DOCK=f"kai,{at(3)},for whom?\n",
        )
    )

    private = {name for name, facts in rooms().items() if facts.type == "p"}
    assert [texts_in(name) for name in private] == [["for two"]]
    public = {name for name, facts in rooms().items() if facts.type == "c"}
    assert [texts_in(name) for name in public] == [["for all"]]
    assert imported.failures == [Failure("DOCK/1.csv", 1, UNKNOWN_ROOM)]
    assert imported.exit_status == 1


def test_an_unlisted_room_fails_with_its_folder(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(HELLO | {"quay/1.csv": AHOY + f"lea,{at(1)},hm\n"})

    assert texts_in("dock") == ["ahoy"]
    assert rooms().keys() == {"dock"}
    assert imported.failures == [
        Failure("quay/1.csv", line, UNKNOWN_ROOM) for line in (1, 2)
    ]
    assert imported.files_of(WITHOUT_ROOM) == ["quay/1.csv"]
    assert imported.exit_status == 1


def test_messages_alone_say_what_is_missing(bring_in_tables: Import) -> None:
    imported = bring_in_tables({LOG: AHOY, "quay/1.csv": AHOY})

    assert not people()
    assert not rooms()
    assert imported.warnings == {
        "importer-no-users-csv": 1,
        "importer-no-channels-csv": 1,
        WITHOUT_ROOM: 2,
    }
    assert imported.counted("message") == Counted(failed=2)
    assert imported.exit_status == 1


def test_files_may_be_named_in_capitals(bring_in_tables: Import) -> None:
    imported = bring_in_tables(
        {"Users.CSV": USERS, "CHANNELS.CSV": CHANNELS, "Dock/LOG.CSV": AHOY}
    )

    assert_ahoy(imported)


def test_an_enclosing_folder_is_reported(bring_in_tables: Import) -> None:
    imported = bring_in_tables(
        {f"harbour export/{name}": content for name, content in HELLO.items()}
    )

    assert_ahoy(imported)
    assert imported.warnings == {"importer-top-folder": 1}
    assert "'harbour export'" in imported.text_of("importer-top-folder")


def test_files_that_are_not_tables_are_reported(
    bring_in_tables: Import,
) -> None:
    unread = {
        "dock/photo.png": b"\x89PNG\r\n\x1a\n\0\0",
        "dock/notes.txt": "nobody wrote a table here\nonly words\n",
        "readme.md": "an export",
        "Thumbs.db": b"\0",
    }
    sheets = {"dock/old.xls": b"\xd0\xcf\x11\xe0", "plan.ods": b"PK"}
    hidden = {"dock/.DS_Store": b"\0\0\1", "__MACOSX/dock/._2021.csv": b"\0\5\26\7"}

    imported = bring_in_tables(HELLO | unread | sheets | hidden)

    assert_ahoy(imported)
    assert imported.files_of("importer-files-unread") == sorted(unread)
    assert imported.files_of("importer-spreadsheets") == sorted(sheets)


def test_a_table_may_have_another_ending(bring_in_tables: Import) -> None:
    imported = bring_in_tables(
        dock()
        | {
            "dock/1.txt": f"kai,{at(1)},one\n",
            "dock/2.tsv": f"kai\t{at(2)}\ttwo\n",
            "dock/3": f"lea,{at(3)},three\n",
        }
    )

    assert texts_in("dock") == ["one", "two", "three"]
    assert imported.exit_status == 0


def test_words_for_private_and_public(bring_in_tables: Import) -> None:
    private = [
        *("private", "PRIVATE", " Privat ", "privada", "p", "P", "true", "TRUE", "yes"),
        *("1", "ja", "private channel", "Private  Channel", "secret"),
    ]
    public = ["public", "Public", "", "c", "false", "no", "0"]

    imported = bring_in_tables(
        listed(
            *(f"hidden-{n},kai,{word},lea" for n, word in enumerate(private)),
            *(f"open-{n},kai,{word},lea" for n, word in enumerate(public)),
        )
    )

    found = {(name.partition("-")[0], facts) for name, facts in rooms().items()}
    assert found == {
        ("hidden", RoomFacts("p", ("kai", "lea"))),
        ("open", RoomFacts("c", ("kai", "lea"))),
    }
    assert imported.counted("channel") == Counted(imported=len(private + public))
    assert imported.exit_status == 0


@pytest.mark.parametrize("word", ["confidential", "vertraulich", "priv", "?", "2"])
def test_unknown_room_type_fails_the_room_and_its_messages(
    bring_in_tables: Import, word: str
) -> None:
    imported = bring_in_tables(
        listed(*(f"vault,kai,{word},lea", "dock,kai,public,lea"), vault=AHOY, dock=AHOY)
    )

    assert rooms() == {"dock": RoomFacts("c", ("kai", "lea"))}
    assert texts_in("dock") == ["ahoy"]
    assert imported.failures == [
        Failure("channels.csv", 1, "importer-channel-unknown-privacy"),
        Failure("vault/1.csv", 1, UNKNOWN_ROOM),
    ]
    assert repr(word) in imported.reasons[0]
    assert imported.exit_status == 1


@pytest.mark.parametrize("names", ["vault,vault", "Vault,vault", "vault,Vault"])
def test_messages_of_a_room_that_may_be_private_go_to_no_other_room(
    bring_in_tables: Import, names: str
) -> None:
    unclear, public = names.split(",")

    imported = bring_in_tables(
        listed(f"{unclear},kai,prvate,lea", f"{public},kai,public,lea")
        | {f"{unclear}/1.csv": AHOY}
    )

    assert rooms() == {public: RoomFacts("c", ("kai", "lea"))}
    assert texts_in(public) == []
    assert imported.failures[1:] == [Failure(f"{unclear}/1.csv", 1, UNKNOWN_ROOM)]


def test_a_room_without_a_name_fails_alone(bring_in_tables: Import) -> None:
    imported = bring_in_tables(listed(",kai,public,lea", "dock,kai,public,lea"))

    assert rooms().keys() == {"dock"}
    assert imported.failures == [
        Failure("channels.csv", 1, "importer-channel-missing-name")
    ]


def test_rows_that_come_twice_are_one_room_and_as_many_messages(
    bring_in_tables: Import,
) -> None:
    entries = listed(*("dock,kai,public,", "dock,kai,public,lea"), dock=AHOY + AHOY) | {
        "dock/2.csv": AHOY
    }

    first = bring_in_tables(entries)
    again = bring_in_tables(entries)

    assert texts_in("dock") == ["ahoy", "ahoy"]
    assert rooms() == {"dock": RoomFacts("c", ("kai", "lea"))}
    assert first.counted("channel") == Counted(imported=1, updated=1)
    assert first.counted("message") == Counted(imported=2, unchanged=1)
    assert again.counted("message") == Counted(unchanged=3)


def test_a_private_and_a_public_room_of_one_name_are_said(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(
        listed("dock,kai,private,lea", "dock,lea,public,", dock=AHOY)
    )

    assert sorted(facts.type for facts in rooms().values()) == ["c", "p"]
    private = next(name for name, facts in rooms().items() if facts.type == "p")
    assert texts_in(private) == ["ahoy"]
    assert imported.guesses == {"importer-ambiguous-folder": 1}
    assert imported.files_of("importer-ambiguous-folder") == ["channels.csv"]
