"""Guide of the CSV importer."""

from __future__ import annotations

from typing import Final

from imports_app.importers.guide import Guide, Template

CSV_GUIDE: Final = Guide(
    title="CSV archive",
    purpose=(
        "For data from any program except Slack: users, rooms and messages as CSV"
        " tables in one ZIP archive."
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
        "The first line of a table may contain column names, in any order. Without"
        " column names, the order above applies.",
        "If there is a column named status, users whose status is suspended, disabled"
        " or deactivated are created as deactivated users.",
        "Write times as milliseconds since 1970 or in ISO 8601, such as"
        " 2020-09-13T12:26:40Z.",
        "Name each room's folder like the room in channels.csv. The files in it can"
        " have any name.",
        "An Excel workbook (.xlsx) with the same tables as sheets, and one sheet for"
        " each room, is accepted as well.",
        "Every file is optional, for example users.csv if all users already exist.",
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
