"""Rows of users.csv that are odd."""

from __future__ import annotations

from typing import Final
from unicodedata import normalize

from tests.archives.effects import PersonState
from tests.archives.tables.draft import DOCK, TablesDraft, TablesOddity
from tests.cases.tables import written

_USERS: Final = "users.csv"


def usernames_of_other_scripts(draft: TablesDraft) -> None:
    """Usernames that are written in Latin letters here."""
    rows = []
    for username, account in (
        ("j\u00fcrgen.m\u00fcller", "jurgen.muller"),
        (normalize("NFD", "b\u00f6rn"), "born"),
        ("\u65e5\u672c", "RiBen"),
        ("two words", "two.words"),
        ("+formula", "formula"),
    ):
        key = normalize("NFC", username)
        draft.person(username, f"{account}@far.example", "Far Away", account=account)
        draft.accounts[key] = account
        draft.accounts[username] = account
        draft.effect.warnings["importer-username-changed"] += 1
        rows.append(draft.say(DOCK, username, f"I am {account}"))
    draft.accounts.pop(normalize("NFD", "b\u00f6rn"))
    draft.files[f"{DOCK}/scripts.csv"] = written(rows)


def usernames_that_become_the_same(draft: TablesDraft) -> None:
    """Two people whose usernames differ in letters that are not allowed here."""
    draft.person("weiss", "a@same.example", "First")
    draft.person("wei\u00df", "b@same.example", "Second", account="weiss-2")
    draft.effect.warnings["importer-username-changed"] += 1
    rows = [draft.say(DOCK, name, f"I am {name}") for name in ("wei\u00df", "weiss")]
    draft.files[f"{DOCK}/same.csv"] = written(rows)


def rows_of_the_same_person(draft: TablesDraft) -> None:
    """Rows with the username or an address of an earlier row."""
    draft.person("tove", "tove@harbour.example", "Tove Lind")
    for row in (
        ("TOVE", "", "Tove L."),
        ("tove.two", "Tove@harbour.example", "Tove Two"),
    ):
        draft.add_user(*row)
        draft.effect.outcomes["user", "updated"] += 1
        draft.effect.guess("importer-repeated-user", "user")
    draft.accounts["tove.two"] = "tove"
    rows = [draft.say(DOCK, name, f"I am {name}") for name in ("tove", "tove.two")]
    draft.files[f"{DOCK}/tove.csv"] = written(rows)


def cells_with_several_addresses(draft: TablesDraft) -> None:
    """Several addresses in one cell, and addresses that are none."""
    for username, cell, emails in (
        ("many", "m@a.example; m@b.example", ("m@a.example", "m@b.example")),
        ("comma", "c@a.example, c@b.example", ("c@a.example", "c@b.example")),
        ("half", "h@a.example; none", ("h@a.example",)),
        ("desk", "ask@the desk", ()),
    ):
        name = username.title()
        draft.expect_person(username, username, PersonState(name, emails=emails))
        draft.add_user(username, cell, name)
    draft.effect.warnings["importer-bad-address"] += 2


def rows_without_usernames(draft: TablesDraft) -> None:
    """Rows of an address only, in its column or in that of usernames."""
    state = PersonState("Only Address", emails=("only@harbour.example",))
    draft.expect_person("only@harbour.example", "only", state)
    draft.add_user("", "only@harbour.example", "Only Address")
    state = PersonState("In Front", emails=("front@harbour.example",))
    draft.expect_person("front@harbour.example", "front", state)
    draft.add_user("front@harbour.example", "", "In Front")
    draft.effect.guess("importer-username-is-address", "user")
    code = "importer-user-missing-email-and-username"
    draft.fail(_USERS, draft.add_user("", "", "Nobody"), code, "user")


def empty_rows(draft: TablesDraft) -> None:
    """Rows of empty cells and blanks, in lists and among messages."""
    for cells in (("", "", ""), (" ", "", " "), ("", "", "", "", "")):
        draft.add_user(*cells)
    draft.add_channel("", "", "", "")
    row = draft.say(DOCK, "kai", "between empty rows")
    draft.files[f"{DOCK}/empty-rows.csv"] = f",,\n\n{','.join(row)}\n , , \n"


def users_with_extra_data(draft: TablesDraft) -> None:
    """A row with further columns, and a name that no column holds."""
    draft.expect_person("wide", "wide", PersonState("Wide Row"))
    draft.add_user("wide", "", "Wide Row", "harbour master", "north")
    draft.effect.warnings["importer-row-extra-columns"] += 1
    line = draft.add_user("l" * 300, "long@harbour.example", "Long")
    draft.fail(_USERS, line, "importer-value-too-long", "user")


def namesake_of_a_privileged_user(draft: TablesDraft) -> None:
    """A row with the username of an admin, whom a person would have to confirm."""
    code = "importer-privileged-user-unconfirmed"
    draft.fail(_USERS, draft.add_user("ada", "", "Ada"), code, "user")
    file = f"{DOCK}/ada.csv"
    draft.files[file] = f"ada,{draft.next_time()},it is me\n"
    draft.fail(file, 1, code)


def existing_accounts(draft: TablesDraft) -> None:
    """A row that only the username links to an existing account."""
    draft.existing.append("resident")
    draft.accounts["resident"] = "resident"
    draft.effect.people["resident"] = PersonState("Resident Here", roles=())
    draft.add_user("resident", "", "Resident Here")
    draft.effect.outcomes["user", "updated"] += 1
    draft.effect.guessed["user"] += 1
    draft.effect.record_guesses["importer-matched-by-username"] += 1
    draft.files[f"{DOCK}/resident.csv"] = written([draft.say(DOCK, "resident", "hi")])


ODDITIES: Final[tuple[TablesOddity, ...]] = (
    usernames_of_other_scripts,
    usernames_that_become_the_same,
    rows_of_the_same_person,
    cells_with_several_addresses,
    rows_without_usernames,
    empty_rows,
    users_with_extra_data,
    namesake_of_a_privileged_user,
    existing_accounts,
)
