"""Who becomes which account, and who says what in a room."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

import pytest
from django.core.management import call_command

from accounts.models import User
from imports_app.engine import jobs
from imports_app.models import ImportOperation
from imports_app.selection.rules import EVERYTHING
from imports_app.services.runs import start_run
from imports_app.transitions import Actor
from tests.cases.importing import (
    Counted,
    Failure,
    Import,
    Line,
    RoomFacts,
    lines_in,
    pack,
    people,
    rooms,
    texts_in,
)
from tests.cases.tables import CHANNELS, HELLO, LOG, USERS, assert_ahoy, at, dock

UNKNOWN = "importer-message-unknown-user"
REPEATED = "importer-repeated-user"


@pytest.mark.parametrize(
    "row",
    [
        "KAI,other@harbour.example,Kai Upper",
        "captain,KAI@harbour.example,Captain",
        "kai,kai@harbour.example,Kai Once More",
        "captain,new@harbour.example;kai@harbour.example,Captain",
    ],
    ids=["username", "address", "username and address", "second address"],
)
def test_two_rows_that_become_one_account_are_listed(
    bring_in_tables: Import, row: str
) -> None:
    imported = bring_in_tables(dock(users=f"{USERS}{row}\n"))

    assert people().keys() == {"kai", "lea"}
    assert imported.counted("user") == Counted(imported=2, updated=1)
    assert imported.guesses == {REPEATED: 1}
    assert imported.files_of(REPEATED) == ["users.csv"]
    assert imported.guessed("user") == 1
    assert imported.text_of(REPEATED) in imported.printed


def test_both_names_of_one_account_are_one_author(bring_in_tables: Import) -> None:
    imported = bring_in_tables(
        dock(
            f"kai,{at(1)},one\ncaptain,{at(2)},two\n",
            users=f"{USERS}captain,kai@harbour.example,Captain\n",
        )
    )

    assert lines_in("dock") == [Line("kai", "one"), Line("kai", "two")]
    assert people()["kai"].import_ids == ("captain", "kai")
    assert imported.exit_status == 0


@pytest.mark.parametrize("mark", [";", "; ", " ; ", " "])
def test_several_addresses_in_a_cell_are_read(
    bring_in_tables: Import, mark: str
) -> None:
    imported = bring_in_tables(
        dock(users=f"kai,kai@harbour.example{mark}holm@home.example,Kai Holm\n")
    )

    assert people()["kai"].emails == ("kai@harbour.example", "holm@home.example")
    assert imported.guesses == {}


def test_addresses_with_commas_between_are_read(bring_in_tables: Import) -> None:
    bring_in_tables(
        dock(users='kai,"kai@harbour.example, holm@home.example",Kai Holm\n')
    )

    assert people()["kai"].emails == ("kai@harbour.example", "holm@home.example")


@pytest.mark.parametrize("cell", ["none; kai@harbour.example", "kai@harbour.example;-"])
def test_an_address_beside_a_word_is_read(bring_in_tables: Import, cell: str) -> None:
    imported = bring_in_tables(dock(users=f"{USERS},{cell},Kai Two\n"))

    assert people()["kai"].emails == ("kai@harbour.example",)
    assert imported.warnings == {"importer-bad-address": 1}
    assert imported.guesses == {"importer-repeated-user": 1}


def test_invalid_addresses_are_skipped_with_a_note(bring_in_tables: Import) -> None:
    imported = bring_in_tables(dock(users=f"{USERS}mara,ask at the desk,Mara\n"))

    assert people()["mara"].emails == ()
    assert "'ask at the desk'" in imported.note_on("mara")


@pytest.mark.parametrize(
    ("username", "account"),
    [
        ("j\u00fcrgen.m\u00fcller", "jurgen.muller"),
        ("ju\u0308rgen", "jurgen"),
        ("J\u00fcrgen M\u00fcller", "Jurgen.Muller"),
        ("Bj\u00f8rn \u00c5s", "Bjorn.As"),
        ("\u042e\u043b\u0438\u044f", "Yuliya"),
        ("\u65e5\u672c", "RiBen"),
        ("holm, kai", "holm.kai"),
        ("=holm", "holm"),
    ],
)
def test_names_of_other_scripts_become_readable_usernames(
    bring_in_tables: Import, username: str, account: str
) -> None:
    imported = bring_in_tables(
        dock(
            f'"{username}",{at(1)},ahoy\n',
            users=f'"{username}",it@harbour.example,Some Body\n',
            channels=f'dock,"{username}",private,"{username}"\n',
        )
    )

    assert people()[account].name == "Some Body"
    composed = normalize("NFC", username)
    assert people()[account].import_ids == (composed,)
    assert rooms()["dock"].members == (account,)
    assert lines_in("dock") == [Line(account, "ahoy")]
    assert repr(account) in imported.note_on(composed)


def test_users_whose_usernames_become_the_same_stay_two(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(
        dock(
            f"m\u00fcller,{at(1)},one\nmuller,{at(2)},two\n",
            users="muller,a@harbour.example,First\n"
            "m\u00fcller,b@harbour.example,Second\n",
        )
    )

    assert {name: one.name for name, one in people().items()} == {
        "muller": "First",
        "muller-2": "Second",
    }
    assert lines_in("dock") == [Line("muller-2", "one"), Line("muller", "two")]
    assert imported.guesses == {}


def test_rows_of_empty_cells_are_blank(bring_in_tables: Import) -> None:
    imported = bring_in_tables(
        {
            "users.csv": f",,\n{USERS},,\n,,,,,\n\n",
            "channels.csv": f",,,\n{CHANNELS},,,\n",
            LOG: f",,\nkai,{at()},ahoy\n\n,,\n",
        }
    )

    assert_ahoy(imported)
    assert imported.counted("user") == Counted(imported=2)
    assert imported.counted("channel") == Counted(imported=1)
    assert imported.warnings == {}


def test_a_person_with_an_address_only_is_named_after_it(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(
        dock(
            f"mara@harbour.example,{at()},ahoy\n",
            users=f"{USERS},mara@harbour.example,Mara Sund\n,,Nobody\n",
        )
    )

    assert people()["mara"].name == "Mara Sund"
    assert people()["mara"].emails == ("mara@harbour.example",)
    assert lines_in("dock") == [Line("mara", "ahoy")]
    assert imported.failures == [
        Failure("users.csv", 4, "importer-user-missing-email-and-username")
    ]
    assert imported.exit_status == 1


def test_unknown_authors_fail_with_their_name(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(
        dock(f"ghost,{at(1)},boo\n,{at(2)},who?\n kai ,{at(3)},ahoy\n")
    )

    assert people().keys() == {"kai", "lea"}
    assert lines_in("dock") == [Line("kai", "ahoy")]
    assert imported.failures == [Failure(LOG, line, UNKNOWN) for line in (1, 2)]
    assert "'ghost'" in imported.reasons[0]
    assert imported.exit_status == 1


def test_unknown_members_and_creators_are_reported(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(
        dock(channels="dock,ghost,private,lea;wraith\nquay,kai,public,lea\n")
    )

    assert "lea" in rooms()["dock"].members
    assert people().keys() == {"kai", "lea"}
    assert rooms()["quay"] == RoomFacts("c", ("kai", "lea"))
    note = imported.note_on("csv-p-dock")
    assert "creator is unknown" in note
    assert "1 member is unknown" in note


def test_direct_messages_of_two_users_are_one_room(bring_in_tables: Import) -> None:
    imported = bring_in_tables(
        dock()
        | {
            "DirectMessages/a.csv": f"kai,lea,{at(1)},psst\n",
            "DirectMessages/b.csv": f"lea,kai,{at(2)},yes?\nkai,kai,{at(3)},note\n",
        }
    )

    assert lines_in("kai/lea") == [Line("kai", "psst"), Line("lea", "yes?")]
    assert lines_in("kai/kai") == [Line("kai", "note")]
    assert rooms()["kai/lea"] == RoomFacts("d", ("kai", "lea"))
    assert imported.counted("channel") == Counted(imported=3)
    assert imported.exit_status == 0


def test_direct_messages_need_both_users(bring_in_tables: Import) -> None:
    imported = bring_in_tables(
        dock() | {"directmessages/a.csv": f"kai,,{at(1)},whom?\n,lea,{at(2)},who?\n"}
    )

    assert rooms().keys() == {"dock"}
    assert imported.failures == [
        Failure("directmessages/a.csv", 1, "importer-message-missing-recipient"),
        Failure("directmessages/a.csv", 2, UNKNOWN),
    ]


def test_direct_messages_invent_nobody_from_other_columns(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(
        dock()
        | {
            "directmessages/a.csv": f"kai,{at(1)},no recipient\n",
            "directmessages/b.csv": f"kai,lea;mara,{at(2)},two recipients\n",
        }
    )

    assert rooms().keys() == {"dock"}
    assert people().keys() == {"kai", "lea"}
    code = "importer-message-missing-recipient"
    assert [one.code for one in imported.failures] == [code, code]


def test_a_later_list_completes_the_same_people(bring_in_tables: Import) -> None:
    bring_in_tables(dock(users="kai,kai@harbour.example\nlea\n"))

    imported = bring_in_tables(HELLO)

    assert_ahoy(imported)
    assert imported.counted("user") == Counted(updated=2)
    assert imported.guessed("user") == 0


def test_an_account_that_is_here_is_found_by_its_address(
    bring_in_tables: Import,
) -> None:
    bring_in_tables(HELLO)

    imported = bring_in_tables(
        dock(f"skipper,{at(5)},again\n", users="skipper,kai@harbour.example,Skipper\n")
    )

    assert people()["kai"].name == "Kai Holm"
    assert people()["kai"].import_ids == ("kai", "skipper")
    assert texts_in("dock") == ["ahoy", "again"]
    assert imported.counted("user") == Counted(updated=1)


def test_matches_by_username_are_listed_before_and_after(
    bring_in_tables: Import,
) -> None:
    User.objects.create(username="kai")

    imported = bring_in_tables(dock())

    code = "importer-matched-by-username"
    assert imported.guesses == {code: 1}
    assert imported.guessed("user") == 1
    assert imported.files_of(code) == ["users.csv"]
    assert imported.printed.count(code) == 1


def test_a_match_that_came_up_after_the_report_is_listed(
    admin_user: User, tmp_path: Path
) -> None:
    path = pack(tmp_path / "dock.zip", dock())
    call_command("import_file", str(path), importer="csv")
    operation = ImportOperation.objects.latest("pk")
    assert operation.report["guesses"] == {}
    User.objects.create(username="kai")

    start_run(operation=operation, selection=EVERYTHING, actor=Actor(admin_user))
    jobs.run(operation.pk, lambda: None)

    operation.refresh_from_db()
    [guess] = operation.report["guesses"].items()
    assert (guess[0], guess[1]["count"]) == ("importer-matched-by-username", 1)


def test_placeholder_users_are_counted_and_named(bring_in_tables: Import) -> None:
    rows = f"kai,ghost,{at(1)},hi\nlea,two words,{at(2)},ho\nkai,ghost,{at(3)},hm\n"

    imported = bring_in_tables(dock() | {"directmessages/1.csv": rows})

    code = "importer-placeholders-created"
    assert people().keys() == {"kai", "lea", "ghost", "two.words"}
    assert imported.counted("user").imported == 2
    assert imported.warnings[code] == 2
    assert imported.files_of(code) == ["ghost", "two.words (two words)"]
    assert code in imported.printed
