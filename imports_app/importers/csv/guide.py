"""What people are told of the CSV importer."""

from __future__ import annotations

from typing import Final

from imports_app.importers.guide import Guide, Template

CSV_GUIDE: Final = Guide(
    title="CSV archive",
    for_whom=(
        "For everything that is not Slack: put people, rooms and messages from any"
        " program into tables, and the tables into one ZIP archive."
    ),
    layout="""\
users.csv: username, e-mail, name
  ann.lee,ann@example.org,Ann Lee
  bo.ek,bo@example.org,Bo Ek
channels.csv: name, creator, type, members
  news,ann.lee,public,"bo.ek;cy.roe"
  lab,bo.ek,private,ann.lee
news/messages.csv: author, time, text
  ann.lee,1600000000000,"Hello, all"
directmessages/1.csv: from, to, time, text
  ann.lee,bo.ek,1600000001000,psst
""",
    notes=(
        "A first line may name the columns, in any order. Without one, the order is as"
        " above.",
        "If the first line names a column status, accounts that are suspended,"
        " disabled or deactivated there are created as deactivated.",
        "Times are milliseconds since 1970, or like 2020-09-13T12:26:40Z.",
        "A room's folder has the name of the room in channels.csv. Its files may have"
        " any names.",
        "An Excel workbook (.xlsx) with these sheets, and one for each room, does as"
        " well.",
        "Each file may be missing, such as users.csv if everybody has an account.",
    ),
    suffixes=(".zip", ".csv", ".xlsx"),
    template=Template(
        "csv-template.zip",
        {
            "users.csv": (
                "ann.lee,ann@example.org,Ann Lee\n"
                "bo.ek,bo@example.org,Bo Ek\n"
                "cy.roe,cy@example.org,Cy Roe\n"
            ),
            "channels.csv": (
                'news,ann.lee,public,"bo.ek;cy.roe"\nlab,bo.ek,private,ann.lee\n'
            ),
            "news/messages.csv": (
                'ann.lee,2020-09-13T12:26:40Z,"Hello, all"\n'
                "bo.ek,2020-09-13T12:27:05Z,Good to be here\n"
                'cy.roe,2020-09-13T12:28:00Z,"Two ""quotes"" around a word"\n'
            ),
            "lab/messages.csv": (
                "bo.ek,1600000100000,The time may be milliseconds since 1970\n"
                "ann.lee,1600000160000,I see\n"
            ),
            "directmessages/messages.csv": (
                "ann.lee,bo.ek,2020-09-13T13:00:00Z,Are you coming?\n"
                "bo.ek,ann.lee,2020-09-13T13:00:30Z,On my way\n"
            ),
        },
    ),
)
