"""Tables that say less than is needed, or say it in other words."""

from __future__ import annotations

from typing import Literal
from unicodedata import normalize

import pytest
from django.core.management import CommandError

from accounts.models import User
from imports_app.models import Message
from tests.cases.importing import (
    Counted,
    Import,
    Line,
    RoomFacts,
    lines_in,
    people,
    rooms,
)
from tests.cases.tables import USERS, ImportTable, at, dock


@pytest.mark.parametrize(
    ("channels", "kind"),
    [
        ("name,is_public,creator\ndock,false,kai\n", "p"),
        ("name,is_public,creator\ndock,yes,kai\n", "c"),
        ("name,creator,is_private\ndock,kai,no\n", "c"),
        ("name,creator,topic\ndock,kai,private\n", "c"),
    ],
)
def test_who_may_read_a_room_is_read_from_the_column_that_says_it(
    bring_in_tables: Import, channels: str, kind: str
) -> None:
    bring_in_tables(dock(channels=channels))

    assert rooms()["dock"] == RoomFacts(kind, ("kai",))


@pytest.mark.parametrize(
    "channels",
    [
        "name,zugang,creator\ndock,privat,kai\n",
        "name,private,visibility\ndock,no,private\n",
        "name,type,is_public\ndock,private,true\n",
    ],
)
def test_a_column_that_may_say_who_reads_a_room_is_asked_for(
    bring_in_tables: Import, channels: str
) -> None:
    with pytest.raises(CommandError, match="which column says whether a room is priv"):
        bring_in_tables(dock(channels=channels))

    assert rooms() == {}


def test_an_unknown_word_makes_no_room_public(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(dock(channels="name,is_public\ndock,maybe\n"))

    assert rooms() == {}
    assert [one.code for one in imported.failures] == [
        "importer-channel-unknown-privacy"
    ]


@pytest.mark.parametrize(
    ("users", "problem"),
    [
        ("Konto,Adresse,Bemerkung\n" + USERS, "unknown column names: Konto"),
        ("Staff of 2021,,\nusername,email,name\n" + USERS, "line 2 names the columns"),
    ],
)
def test_an_unknown_header_is_not_an_account(
    bring_in_tables: Import, users: str, problem: str
) -> None:
    with pytest.raises(CommandError, match=problem):
        bring_in_tables(dock(users=users))

    assert people() == {}


def test_a_header_may_have_a_number_among_its_names(
    bring_in_table: ImportTable,
) -> None:
    bring_in_table("username,email,name,2021\nkai,kai@harbour.example,Kai,x\n")

    assert people().keys() == {"kai"}


@pytest.mark.parametrize("header", ["", "email\n", "E-Mail-Adresse\n"])
def test_a_list_of_addresses_makes_users_with_addresses(
    bring_in_tables: Import, header: str
) -> None:
    imported = bring_in_tables(
        {"users.csv": f"{header}kai@harbour.example\nlea@harbour.example\n"}
    )

    assert [one.emails for one in people().values()] == [
        ("kai@harbour.example",),
        ("lea@harbour.example",),
    ]
    assert imported.guesses == ({} if header else {"importer-username-is-address": 2})


@pytest.mark.parametrize("order", ["Nickname,Username", "Username,Nickname"])
def test_the_column_that_fits_best_is_the_username(
    bring_in_table: ImportTable, order: str
) -> None:
    row = {"Nickname": "cap", "Username": "kai"}
    cells = ",".join(row[name] for name in order.split(","))

    bring_in_table(f"{order},Email\n{cells},kai@harbour.example\n")

    assert people().keys() == {"kai"}


def test_names_are_the_same_in_every_form_of_unicode(bring_in_tables: Import) -> None:
    def archive(form: Literal["NFC", "NFD"]) -> dict[str, str | bytes]:
        user, room = normalize(form, "jürgen"), normalize(form, "Kühl")
        return {
            "users.csv": f"{user},j@harbour.example,Jürgen\n",
            "channels.csv": f"{room},{user},private,{user}\n",
            f"{room}/1.csv": f"{user},{at()},ahoy\n",
        }

    bring_in_tables(archive("NFC"))
    bring_in_tables(archive("NFD"))

    assert rooms() == {"Kühl": RoomFacts("p", ("jurgen",))}
    assert lines_in("Kühl") == [Line("jurgen", "ahoy")]


def test_the_folder_of_a_private_and_a_public_room_is_the_private_one(
    bring_in_tables: Import,
) -> None:
    channels = "dock,kai,public,lea\ndock,kai,private,\n"

    imported = bring_in_tables(dock(f"kai,{at()},secret\n", channels=channels))

    message = Message.objects.get()
    assert message.room.type == "p"
    assert imported.guesses == {"importer-ambiguous-folder": 1}


def test_a_late_date_proves_the_order_of_late_dates(bring_in_tables: Import) -> None:
    early = "".join(f"kai,{at(second)},ahoy\n" for second in range(30))
    late = "kai,03/04/2021 12:00,when\nkai,25/04/2021 12:00,sure\n"

    imported = bring_in_tables(dock(early + late))

    assert imported.counted("message").failed == 0
    assert Message.objects.get(text="when").sent_at.month == 4


def test_texts_over_many_lines_do_not_hide_the_delimiter(
    bring_in_tables: Import,
) -> None:
    text = "\n".join(["dear all,", "one, two", "three", "four", "regards"])
    rows = "".join(f'kai;{at(second)};"{text}"\n' for second in range(3))

    bring_in_tables(dock(rows))

    assert lines_in("dock") == [Line("kai", text)] * 3


def test_rows_of_spaces_are_not_records(bring_in_tables: Import) -> None:
    imported = bring_in_tables(
        dock(" , , \n", users=USERS + " , , \n", channels="dock,kai,,\n , , , \n")
    )

    assert imported.failures == []
    assert imported.counted("message") == Counted()


def test_members_are_separated_by_commas_as_well(bring_in_tables: Import) -> None:
    bring_in_tables(dock(channels='dock,kai,private,"kai,lea"\n'))

    assert rooms()["dock"].members == ("kai", "lea")


@pytest.mark.parametrize("second", [1, 30_001, 43_199, 86_399])
def test_days_of_excel_are_the_same_moments_as_milliseconds(
    bring_in_tables: Import, admin_user: User, second: int
) -> None:
    days = f"{44_256 + second / 86_400:.10f}"
    noon = 1_614_556_800_000 + second * 1000

    bring_in_tables(dock(f"kai,{days},ahoy\n"))
    bring_in_tables(dock(f"kai,{noon},ahoy\n"))

    assert Message.objects.count() == 1
