"""The parts of small sources of tables, as people and spreadsheets write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from openpyxl import Workbook

from tests.cases.importing import (
    Counted,
    Imported,
    Line,
    RoomFacts,
    lines_in,
    messages_in,
    people,
    rooms,
)

ImportTable: TypeAlias = Callable[[str | bytes], Imported]
"""Imports one table that is no archive."""
Table: TypeAlias = Sequence[Sequence[str]]
NOON: Final = 1_614_600_000_000
"""2021-03-01 12:00 UTC, in milliseconds since 1970."""
USERS: Final = """\
kai,kai@harbour.example,Kai Holm
lea,lea@harbour.example,Lea Roth
"""
CHANNELS: Final = "dock,kai,public,lea\n"
LOG: Final = "dock/2021.csv"


def at(second: int = 0) -> str:
    """Return a time as Rocket.Chat writes it, so many seconds after noon."""
    return str(NOON + second * 1000)


def dock(messages: str | bytes = "", **files: str | bytes) -> dict[str, str | bytes]:
    """Return an archive of Kai, Lea, their room, and what is said there.

    Args:
        messages: The content of the room's file.
        files: What takes the place of `users` or `channels`.
    """
    named = {f"{name}.csv": content for name, content in files.items()}
    return {"users.csv": USERS, "channels.csv": CHANNELS, LOG: messages, **named}


HELLO: Final = dock(f"kai,{at()},ahoy\n")
"""An archive in which Kai says ahoy."""


def written(rows: Table, **dialect: Any) -> str:
    """Return rows as Python's csv module writes them."""
    file = io.StringIO()
    csv.writer(file, **{"lineterminator": "\r\n", **dialect}).writerows(rows)
    return file.getvalue()


def workbook(**sheets: Sequence[Sequence[Any]]) -> bytes:
    """Return an Excel workbook with these sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def times_in(room: str) -> dict[str, datetime]:
    """Return when each text of a room was said."""
    return {one.text: one.sent_at for one in messages_in(room)}


def assert_ahoy(imported: Imported) -> None:
    """Check that `HELLO` came in, and nothing else."""
    made = people()
    assert {name: (one.name, one.emails) for name, one in made.items()} == {
        "kai": ("Kai Holm", ("kai@harbour.example",)),
        "lea": ("Lea Roth", ("lea@harbour.example",)),
    }
    assert rooms() == {"dock": RoomFacts("c", ("kai", "lea"))}
    assert lines_in("dock") == [Line("kai", "ahoy")]
    assert times_in("dock")["ahoy"].isoformat() == "2021-03-01T12:00:00+00:00"
    assert imported.counted("message") == Counted(imported=1)
    assert imported.exit_status == 0
