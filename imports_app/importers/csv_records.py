"""Rows of the CSV layout become records (importers.md 2.3 to 2.6)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from imports_app.importers.base import Report
from imports_app.importers.csv_times import read_time
from imports_app.records import (
    BadRecord,
    ChannelRecord,
    ContactRecord,
    Found,
    Kind,
    MessageRecord,
    Record,
    RoomType,
    UserRecord,
)
from imports_app.sources.csv_rows import BadRow, Row

DIRECT_FOLDER: Final = "directmessages"
_REMEMBERED: Final = 10_000
_USER_HEADER: Final = ("username", "email", "name")
_NO_SENDER: Final = (
    "importer-message-unknown-user",
    "The first column is empty: name who the message is from.",
)
_NO_RECIPIENT: Final = (
    "importer-message-missing-recipient",
    "The second column is empty: name who the message was sent to.",
)
_CONTACT_COLUMNS: Final = ("id", "name", "emails", "phones", "manager")


class RowReader:
    """Reads the rows of one file, and notes what is odd about them.

    Args:
        file: The file's name in the archive.
        report: Where to note it.
        extra: Columns behind the known ones that are expected.
    """

    def __init__(self, file: str, report: Report, *, extra: int = 0) -> None:
        self.file = file
        self.report = report
        self._extra = extra

    def cells(self, row: Row, width: int) -> list[str]:
        """Return as many cells as there are columns; what is missing is empty."""
        if len(row.cells) > width + self._extra:
            self.report.warn(
                "importer-row-extra-columns",
                f"Rows have more than {width} columns; the others were left out. Put"
                " quotes around text that holds commas.",
                file=self.file,
                line=row.line,
            )
        return [*row.cells, *[""] * width][:width]

    def found(self, record: Record, line: int) -> Found:
        """Return a record with its place."""
        return Found(record, self.file, line)

    def bad(self, kind: Kind, row: Row | BadRow, code: str, message: str) -> Found:
        """Return a row that becomes no record, with its place."""
        cells = tuple(cell[:1000] for cell in row.cells[:20])
        bad = BadRecord(kind=kind, cells=cells, code=code, message=message)
        return Found(bad, self.file, row.line)


def read_users(rows: Iterator[Row | BadRow], reader: RowReader) -> Iterator[Found]:
    """Yield users: username, e-mail address, name."""
    for row in rows:
        if isinstance(row, BadRow):
            yield reader.bad(Kind.USER, row, row.code, row.message)
            continue
        username, email, name = map(str.strip, reader.cells(row, 3))
        is_first = row.line == 1
        if is_first and (username.lower(), email.lower(), name.lower()) == _USER_HEADER:
            _warn_of_header(reader, row)
            continue
        if not username and not email:
            yield reader.bad(
                Kind.USER,
                row,
                "importer-user-missing-email-and-username",
                "It has neither a username nor an e-mail address: give it one of them.",
            )
            continue
        if not email:
            reader.report.count("users without e-mail address")
        yield reader.found(
            UserRecord(
                import_ids=(username or email,),
                username=username or None,
                emails=(email,) if email else (),
                name=name or None,
            ),
            row.line,
        )


def read_channels(rows: Iterator[Row | BadRow], reader: RowReader) -> Iterator[Found]:
    """Yield rooms: name, creator, private or not, members."""
    for row in rows:
        if isinstance(row, BadRow):
            yield reader.bad(Kind.CHANNEL, row, row.code, row.message)
            continue
        name, creator, access, members = map(str.strip, reader.cells(row, 4))
        if row.line == 1 and (name.lower(), access.lower()) == ("name", "type"):
            _warn_of_header(reader, row)
            continue
        if not name:
            yield reader.bad(
                Kind.CHANNEL,
                row,
                "importer-channel-missing-name",
                "The room has no name: give it one.",
            )
            continue
        is_private = access.lower() == "private"
        people = (member.strip() for member in members.split(";"))
        yield reader.found(
            ChannelRecord(
                import_ids=(room_id(name, is_private=is_private),),
                type=RoomType.PRIVATE if is_private else RoomType.PUBLIC,
                name=name,
                creator=creator or None,
                members=tuple(dict.fromkeys(filter(None, people))),
            ),
            row.line,
        )


def room_id(name: str, *, is_private: bool) -> str:
    """Return a room's import id: what is private never gets the id of what is not."""
    return f"csv-{'p' if is_private else 'c'}-{name}"


def read_contacts(rows: Iterator[Row | BadRow], reader: RowReader) -> Iterator[Found]:
    """Yield contacts; the first row names the columns."""
    header: list[str] | None = None
    for row in rows:
        if isinstance(row, BadRow):
            yield reader.bad(Kind.CONTACT, row, row.code, row.message)
            continue
        cells = [cell.strip() for cell in row.cells]
        if header is None:
            header = cells
            continue
        names = [*header, *(f"column{n}" for n in range(len(header), len(cells)))]
        values = dict(zip(names, cells, strict=False))
        emails, phones = (
            tuple(filter(None, map(str.strip, values.get(name, "").split(";"))))
            for name in ("emails", "phones")
        )
        if not (values.get("name") or emails or phones):
            continue
        others = {
            name: value
            for name, value in values.items()
            if value and name not in _CONTACT_COLUMNS
        }
        digest = blake2b("\0".join(cells).encode(), digest_size=8).hexdigest()
        yield reader.found(
            ContactRecord(
                import_ids=(values.get("id") or f"csv-{digest}",),
                name=values.get("name") or None,
                emails=emails,
                phones=phones,
                manager=values.get("manager") or None,
                custom_fields=others or None,
            ),
            row.line,
        )


def read_messages(
    rows: Iterator[Row | BadRow],
    reader: RowReader,
    *,
    room: str | None,
    pairs: set[tuple[str, str]],
) -> Iterator[Found]:
    """Yield messages: author, time, text.

    Args:
        rows: The file's rows.
        reader: Reads and notes.
        room: The room's import id; `None` for direct messages, whose second column is
            the other person. Their rooms are yielded when they are first met.
        pairs: Who talked to whom; rooms of these were yielded already.
    """
    width = 4 if room is None else 3
    seen: OrderedDict[bytes, int] = OrderedDict()
    for row in rows:
        if isinstance(row, BadRow):
            yield reader.bad(Kind.MESSAGE, row, row.code, row.message)
            continue
        *people, raw_time, text = cells = reader.cells(row, width)
        if sum(map(bool, cells)) < 2:
            yield reader.bad(
                Kind.MESSAGE,
                row,
                "importer-row-too-short",
                f"A message has {width} columns: write all of them.",
            )
            continue
        author = people[0].strip()
        place = room
        if place is None:
            partner = people[1].strip()
            if not (author and partner):  # else somebody without a name gets a room
                reason = _NO_RECIPIENT if author else _NO_SENDER
                yield reader.bad(Kind.MESSAGE, row, *reason)
                continue
            first, second = sorted((author, partner))
            place = f"{first}/{second}"
            if (first, second) not in pairs:
                pairs.add((first, second))
                yield reader.found(_direct_room(place, first, second), row.line)
        time = read_time(raw_time)
        if time.was_in_seconds:
            reader.report.warn(
                "importer-time-in-seconds",
                "Times were taken for seconds since 1970: they have too few digits for"
                " milliseconds.",
                file=reader.file,
                line=row.line,
            )
        yield reader.found(
            MessageRecord(
                import_id=_message_id(place, author, raw_time, text, time[0], seen),
                room=place,
                author=author,
                text=text,
                sent_at=time.milliseconds,
                raw_time=raw_time if time.milliseconds is None else "",
            ),
            row.line,
        )


def _direct_room(import_id: str, first: str, second: str) -> ChannelRecord:
    return ChannelRecord(
        import_ids=(import_id,),
        type=RoomType.DIRECT,
        members=tuple(dict.fromkeys((first, second))),
    )


def _message_id(
    room: str,
    author: str,
    raw_time: str,
    text: str,
    milliseconds: int | None,
    seen: OrderedDict[bytes, int],
) -> str:
    """Return the same id for the same message in every export (importers.md 2.5).

    Equal rows of a file are told apart by counting them. It begins with the time, so
    that ids grow as messages do, and the index over them is filled from its end.
    """
    key = blake2b(
        "\0".join((room, author, raw_time, text)).encode("utf-8", "replace"),
        digest_size=8,
    )
    digest = key.digest()
    occurrence = seen.pop(digest, 0)
    seen[digest] = occurrence + 1
    if len(seen) > _REMEMBERED:
        seen.popitem(last=False)
    if occurrence:
        key.update(f"\0{occurrence}".encode())
    return f"csv-{milliseconds or 0:013d}-{key.hexdigest()}"


def _warn_of_header(reader: RowReader, row: Row | BadRow) -> None:
    reader.report.warn(
        "importer-header-row",
        "The first row names the columns; it was left out.",
        file=reader.file,
        line=row.line,
    )
