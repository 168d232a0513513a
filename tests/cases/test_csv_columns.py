"""Tables with other columns than the documented ones, and tables without an archive."""

from __future__ import annotations

import pytest
from django.core.management import CommandError

from tests.cases.importing import (
    Counted,
    Import,
    Line,
    RoomFacts,
    lines_in,
    people,
    rooms,
)
from tests.cases.tables import (
    CHANNELS,
    HELLO,
    LOG,
    USERS,
    ImportTable,
    at,
    dock,
)

GOOGLE = """\
First Name [Required],Last Name [Required],Email Address [Required],\
Password [Required],Org Unit Path [Required],Status [READ ONLY]
Kai,Holm,kai@harbour.example,****,/,Active
Lea,Roth,lea@harbour.example,****,/Crew,Suspended
"""
ENTRA = """\
userPrincipalName,displayName,surname,mail,givenName,id,userType,jobTitle
kai,Kai Holm,Holm,kai@harbour.example,Kai,3f1c,Member,Master
lea,Lea Roth,Roth,lea@harbour.example,Lea,77aa,Member,
"""
LDAP = """\
DN,objectClass,cn,sn,givenName,sAMAccountName,mail
"CN=Kai Holm,DC=harbour",user,Kai Holm,Holm,Kai,kai,kai@harbour.example
"CN=Lea Roth,DC=harbour",user,Lea Roth,Roth,Lea,lea,lea@harbour.example
"""
MATTERMOST = """\
Username,Email,First Name,Last Name,Nickname,Position,Roles
kai,kai@harbour.example,Kai,Holm,,,system_user
lea,lea@harbour.example,Lea,Roth,,,system_user
"""
ROCKET_CHAT = """\
"name";"username";"emails";"roles";"active"
"Kai Holm";"kai";"kai@harbour.example";"user";"true"
"Lea Roth";"lea";"lea@harbour.example";"user";"true"
"""
OTHER_ORDER = """\
Name,Username,E-mail
Kai Holm,kai,kai@harbour.example
Lea Roth,lea,lea@harbour.example
"""
GERMAN = """\
Nachname;Vorname;E-Mail-Adresse;Benutzername
Holm;Kai;kai@harbour.example;kai
Roth;Lea;lea@harbour.example;lea
"""
MEMBERS = """\
username,email,status,billing-active,has-2fa,has-sso,\
userid,fullname,displayname,expiration-timestamp
kai,kai@harbour.example,Member,1,1,0,U01,Kai Holm,Kai,
"""


@pytest.mark.parametrize(
    "users",
    [GOOGLE, ENTRA, LDAP, MATTERMOST, ROCKET_CHAT, OTHER_ORDER, GERMAN],
    ids=["Google", "Entra", "LDAP", "Mattermost", "Rocket.Chat", "order", "German"],
)
def test_the_lists_of_directories_are_read_by_their_headers(
    bring_in_table: ImportTable, users: str
) -> None:
    imported = bring_in_table(users)

    assert {name: (one.name, one.emails) for name, one in people().items()} == {
        "kai": ("Kai Holm", ("kai@harbour.example",)),
        "lea": ("Lea Roth", ("lea@harbour.example",)),
    }
    assert imported.counted("user") == Counted(imported=2)
    assert imported.warnings["importer-header-row"] == 1
    assert imported.exit_status == 0


def test_unknown_columns_are_reported(bring_in_table: ImportTable) -> None:
    imported = bring_in_table(GOOGLE)

    said = imported.text_of("importer-columns-not-imported")
    assert all(
        name in said for name in ("Password [Required]", "Org Unit Path [Required]")
    )
    assert "Email" not in said
    assert "Status" not in said
    assert said in imported.printed


def test_headers_of_every_table_are_not_records(bring_in_tables: Import) -> None:
    imported = bring_in_tables(
        {
            "users.csv": f"Username,Email,Full Name\n{USERS}",
            "channels.csv": f"Channel,Owner,Visibility,Members\n{CHANNELS}",
            LOG: f"username,timestamp,message\nkai,{at(1)},ahoy\n",
            "directmessages/d.csv": "from,to,timestamp,message\n"
            f"kai,lea,{at(2)},just you\n",
        }
    )

    assert people().keys() == {"kai", "lea"}
    assert rooms() == {
        "dock": RoomFacts("c", ("kai", "lea")),
        "kai/lea": RoomFacts("d", ("kai", "lea")),
    }
    assert lines_in("dock") == [Line("kai", "ahoy")]
    assert lines_in("kai/lea") == [Line("kai", "just you")]
    assert imported.warnings == {"importer-header-row": 4}
    assert imported.exit_status == 0


def test_columns_of_every_table_may_have_any_order(bring_in_tables: Import) -> None:
    imported = bring_in_tables(
        {
            "users.csv": OTHER_ORDER,
            "channels.csv": "members,private,room,owner,topic\nlea,yes,dock,kai,\n",
            LOG: f"message,id,sent at,sender\nahoy,7,{at(1)},kai\n",
            "directmessages/d.csv": f"text,to,date,from\njust you,kai,{at(2)},lea\n",
        }
    )

    assert people()["lea"].emails == ("lea@harbour.example",)
    assert rooms()["dock"] == RoomFacts("p", ("kai", "lea"))
    assert lines_in("dock") == [Line("kai", "ahoy")]
    assert lines_in("kai/lea") == [Line("lea", "just you")]
    assert imported.files_of("importer-columns-not-imported") == ["channels.csv", LOG]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("users.csv", "Full Name,Department,First Name\nKai Holm,north,Kai\n"),
        ("channels.csv", "owner,members,private\nkai,lea,yes\n"),
        (LOG, f"author,when,text\nkai,{at(1)},ahoy\n"),
        ("directmessages/d.csv", f"from,when,text\nkai,{at(1)},ahoy\n"),
    ],
)
def test_a_header_without_a_column_that_is_needed_imports_nothing(
    bring_in_tables: Import, file: str, content: str
) -> None:
    with pytest.raises(CommandError, match=f"{file}: .*importer-columns-unknown"):
        bring_in_tables(HELLO | {file: content})

    assert not people()
    assert not rooms()


@pytest.mark.parametrize(
    "users",
    [
        "Kai Holm,kai,kai@harbour.example\nLea Roth,lea,lea@harbour.example\n",
        "kai,Kai Holm,north\nlea,Lea Roth,south\n",
        "Konto,Anrede,Adresse\nkai,Herr,kai@harbour.example\n",
    ],
    ids=["order", "no addresses", "unknown header"],
)
def test_a_second_column_without_addresses_creates_no_accounts(
    bring_in_tables: Import, users: str
) -> None:
    with pytest.raises(CommandError, match=r"users\.csv: .*importer-columns-unknown"):
        bring_in_tables(dock(users=users))

    assert not people()


def test_users_without_any_address_are_users(bring_in_tables: Import) -> None:
    imported = bring_in_tables(dock(users="kai\nlea,,Lea Roth\n"))

    assert {name: one.name for name, one in people().items()} == {
        "kai": "Kai",
        "lea": "Lea Roth",
    }
    assert imported.facts["users without e-mail address"] == 2


def test_a_single_list_without_a_header_is_detected_by_its_columns(
    bring_in_table: ImportTable,
) -> None:
    users = bring_in_table(USERS)
    channels = bring_in_table("dock,kai,private,lea\nquay,lea,public,\n")

    assert people().keys() == {"kai", "lea"}
    assert rooms() == {
        "dock": RoomFacts("p", ("kai", "lea")),
        "quay": RoomFacts("c", ("lea",)),
    }
    assert "a list of users" in users.text_of("importer-bare-csv")
    assert "a list of rooms" in channels.text_of("importer-bare-csv")
    assert users.exit_status == channels.exit_status == 0


@pytest.mark.parametrize(
    "messages",
    [
        f'kai,{at(1)},"Hello, all"\nlea,{at(2)},ahoy\n',
        f"kai;{at(1)};ahoy\nlea;{at(2)};ahoy\n",
        f"kai,lea,{at(1)},just you\nlea,kai,{at(2)},well\n",
        f"author,time,text\nkai,{at(1)},ahoy\n",
        f"text,date,from,to\nahoy,{at(1)},kai,lea\n",
        "kai,2021-03-01T12:00:00Z,write to lea@harbour.example\n",
    ],
    ids=["messages", "semicolons", "direct", "header", "direct header", "address"],
)
def test_a_single_file_of_messages_changes_no_account(
    bring_in_tables: Import, bring_in_table: ImportTable, messages: str
) -> None:
    bring_in_tables(HELLO)
    before = people()

    with pytest.raises(CommandError, match="importer-bare-messages"):
        bring_in_table(messages)

    assert people() == before
    assert lines_in("dock") == [Line("kai", "ahoy")]


@pytest.mark.parametrize(
    "content",
    ["one,two,three\nfour,five,six\n", "just a line\nand another\n", "kai\nlea\n"],
)
def test_a_single_file_with_unclear_columns_imports_nothing(
    bring_in_table: ImportTable, content: str
) -> None:
    with pytest.raises(CommandError, match="importer-columns-unknown"):
        bring_in_table(content)

    assert not people()


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16")]
)
def test_a_list_of_slacks_members_is_known_and_named(
    bring_in_table: ImportTable, delimiter: str, encoding: str
) -> None:
    content = MEMBERS.replace(",", delimiter).encode(encoding)

    with pytest.raises(CommandError, match=r"Slack.*importer-wrong-archive"):
        bring_in_table(content)

    assert not people()


def test_the_same_archive_with_a_header_later_duplicates_nothing(
    bring_in_tables: Import,
) -> None:
    bring_in_tables(HELLO)

    imported = bring_in_tables(
        HELLO | {"users.csv": OTHER_ORDER, LOG: f"text,time,user\nahoy,{at()},kai\n"}
    )

    assert imported.counted("message") == Counted(unchanged=1)
    assert imported.counted("user") == Counted(unchanged=2)
    assert lines_in("dock") == [Line("kai", "ahoy")]
