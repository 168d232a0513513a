"""Rows of the CSV layout become records (importers.md 2.3 to 2.6)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import blake2b
from typing import Final
from unicodedata import normalize

from config.mail_addresses import addresses_of, is_address
from imports_app.importers.base import NO_ADDRESS, WITHOUT_TEXT, Report
from imports_app.importers.csv.repeated_users import Repeats
from imports_app.importers.csv.times import (
    GUESSES,
    DayOrder,
    is_day_first_or_month_first,
    read_time,
)
from imports_app.importers.csv.values import is_deactivated, members_of, room_type
from imports_app.records import (
    BadRecord,
    ChannelRecord,
    ContactRecord,
    Kind,
    MessageRecord,
    Record,
    RoomType,
    SourceItem,
    UserRecord,
)
from imports_app.sources.csv_rows import BadRow, Row

DIRECT_FOLDER: Final = "directmessages"
_REMEMBERED: Final = 10_000
_NO_SENDER: Final = (
    "importer-message-unknown-user",
    "The first column is empty: name who the message is from.",
)
_NO_RECIPIENT: Final = (
    "importer-message-missing-recipient",
    "The second column is empty: name who the message was sent to.",
)
_EXTRA_COLUMNS: Final = (
    "importer-message-extra-columns",
    "The row has further columns behind the text, so the text may be cut off. Put"
    " quotes around text that holds commas, or assign the columns.",
)
_REPEATED: Final = (
    "importer-repeated-user",
    "A row has the username or an address of an earlier row, so both become one"
    " account. If they are two people, give each a username and an address of their"
    " own.",
)
_ADDRESS: Final = (
    "importer-username-is-address",
    "Usernames that are e-mail addresses were read as addresses, because there is no"
    " other address.",
)
STATUS: Final = (
    "importer-account-status",
    "Words in the column for the status of accounts are not known. These accounts are"
    " created as deactivated. Write active or deactivated to be sure.",
)
"""A guess of every importer that reads lists of people."""
_OUR_CELLS: Final = 6
"""Of a user in an archive of failed records: the last two are code and reason."""
_CONTACT_COLUMNS: Final = ("id", "name", "emails", "phones", "manager")


class RowReader:
    """Reads the rows of one file, and notes what is odd about them.

    Args:
        file: The file's name in the archive.
        report: Where to note it.
        is_ours: Whether the archive is one of failed records, which this server wrote:
            the code and the reason stand behind the known columns.
    """

    def __init__(self, file: str, report: Report, *, is_ours: bool = False) -> None:
        self.file = file
        self.report = report
        self.is_ours = is_ours
        self._extra = 2 if is_ours else 0

    def cells(self, row: Row, width: int, *, unwritten: int = 0) -> list[str]:
        """Return as many cells as there are columns; what is missing is empty.

        Args:
            row: The row.
            width: The number of columns.
            unwritten: How many of them the documented order does not have.
        """
        if any(map(str.strip, row.cells[width + self._extra :])):
            self.report.warn(
                "importer-row-extra-columns",
                f"Rows have more than {width - unwritten} columns; the others were left"
                " out. Put quotes around text that holds commas.",
                file=self.file,
                line=row.line,
            )
        return [*row.cells, *[""] * width][:width]

    def found(self, record: Record, line: int, guess: str = "") -> SourceItem:
        """Return a record with its place, and the guess that it rests on."""
        return SourceItem(record, self.file, line, guess)

    def bad(self, kind: Kind, row: Row | BadRow, code: str, message: str) -> SourceItem:
        """Return a row that becomes no record, with its place."""
        cells = tuple(cell[:1000] for cell in row.cells[:20])
        bad = BadRecord(kind=kind, cells=cells, code=code, message=message)
        return SourceItem(bad, self.file, row.line)


def clean(cell: str) -> str:
    """Return a name without blanks at its ends, in the composed form of Unicode."""
    return cell.strip() if cell.isascii() else normalize("NFC", cell).strip()


def read_users(rows: Iterator[Row | BadRow], reader: RowReader) -> Iterator[SourceItem]:
    """Yield users: username, e-mail address, name, and whether they are active."""
    repeats = Repeats()
    for row in rows:
        if isinstance(row, BadRow):
            yield reader.bad(Kind.USER, row, row.code, row.message)
            continue
        if reader.is_ours and len(row.cells) < _OUR_CELLS:
            row.cells.insert(_OUR_CELLS - 3, "")  # an archive without the status
        cells = reader.cells(row, 4, unwritten=1)
        username, email, name, status = map(clean, cells)
        if not username and not email:
            if not any(map(str.strip, row.cells)):
                continue
            yield reader.bad(
                Kind.USER,
                row,
                "importer-user-missing-email-and-username",
                "It has neither a username nor an e-mail address: give it one of them.",
            )
            continue
        if not email and is_address(username):
            reader.report.guess(*_ADDRESS, file=reader.file, line=row.line)
            guess, username, email = _ADDRESS[0], "", username
        else:
            guess = ""
        is_deleted = is_deactivated(status) if status else None
        if status and is_deleted is None:
            reader.report.guess(*STATUS, file=reader.file, line=row.line)
            guess, is_deleted = STATUS[0], True
        if is_deleted:
            reader.report.count("deactivated users")
        emails = addresses_of(email)
        good = [one for one in emails if is_address(one)]
        if not good:
            reader.report.count("users without e-mail address")
        if len(good) < len(emails):
            reader.report.warn(*NO_ADDRESS, file=reader.file, line=row.line)
        is_repeated = repeats.add(username, emails)
        if is_repeated:
            reader.report.guess(*_REPEATED, file=reader.file, line=row.line)
        yield reader.found(
            UserRecord(
                import_ids=(username or emails[0],),
                username=username or None,
                emails=emails,
                name=name or None,
                is_deleted=is_deleted,
            ),
            row.line,
            _REPEATED[0] if is_repeated else guess,
        )


def read_channels(
    rows: Iterator[Row | BadRow], reader: RowReader
) -> Iterator[SourceItem]:
    """Yield rooms: name, creator, private or not, members."""
    for row in rows:
        if isinstance(row, BadRow):
            yield reader.bad(Kind.CHANNEL, row, row.code, row.message)
            continue
        name, creator, access, members = map(clean, reader.cells(row, 4))
        if not name:
            if not any(map(str.strip, row.cells)):
                continue
            yield reader.bad(
                Kind.CHANNEL,
                row,
                "importer-channel-missing-name",
                "The room has no name: give it one.",
            )
            continue
        kind = room_type(access)
        if kind is None:
            yield reader.bad(
                Kind.CHANNEL,
                row,
                "importer-channel-unknown-privacy",
                f"The third column says {access[:40]!r}. Write private or public.",
            )
            continue
        yield reader.found(
            ChannelRecord(
                import_ids=(room_id(name, is_private=kind is RoomType.PRIVATE),),
                type=kind,
                name=name,
                creator=creator or None,
                members=members_of(members),
                is_known_by_name=reader.is_ours and not (creator or members),
            ),
            row.line,
        )


def room_id(name: str, *, is_private: bool) -> str:
    """Return a room's import id: what is private never gets the id of what is not."""
    return f"csv-{'p' if is_private else 'c'}-{name}"


def read_contacts(
    rows: Iterator[Row | BadRow], reader: RowReader
) -> Iterator[SourceItem]:
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
    find_order: Callable[[], DayOrder | None],
) -> Iterator[SourceItem]:
    """Yield messages: author, time, text.

    Args:
        rows: The file's rows.
        reader: Reads and notes.
        room: The room's import id; `None` for direct messages, whose second column is
            the other person. Their rooms are yielded when they are first met.
        pairs: Who talked to whom; rooms of these were yielded already.
        find_order: Returns the order of day and month that the file's dates prove;
            called if a date depends on it.
    """
    width = 4 if room is None else 3
    order = cache(find_order)
    seen: OrderedDict[bytes, int] = OrderedDict()
    for row in rows:
        if isinstance(row, BadRow):
            yield reader.bad(Kind.MESSAGE, row, row.code, row.message)
            continue
        *people, raw_time, text = cells = [*row.cells, *[""] * width][:width]
        if (filled := sum(map(bool, map(str.strip, cells)))) < 2:
            if not filled:
                continue
            yield reader.bad(
                Kind.MESSAGE,
                row,
                "importer-row-too-short",
                f"A message has {width} columns: write all of them.",
            )
            continue
        if not reader.is_ours and any(map(str.strip, row.cells[width:])):
            yield reader.bad(Kind.MESSAGE, row, *_EXTRA_COLUMNS)
            continue
        author = clean(people[0])
        place = room
        if place is None:
            partner = clean(people[1])
            if not (author and partner):  # else somebody without a name gets a room
                reason = _NO_RECIPIENT if author else _NO_SENDER
                yield reader.bad(Kind.MESSAGE, row, *reason)
                continue
            first, second = sorted((author, partner))
            place = f"{first}/{second}"
            if (first, second) not in pairs:
                pairs.add((first, second))
                yield reader.found(_direct_room(place, first, second), row.line)
        milliseconds, guess = read_time(raw_time)
        if milliseconds is None and is_day_first_or_month_first(raw_time):
            milliseconds, guess = read_time(raw_time, order())
        if guess:
            reader.report.guess(guess, GUESSES[guess], file=reader.file, line=row.line)
        if not text or text.isspace():
            reader.report.warn(*WITHOUT_TEXT, file=reader.file, line=row.line)
        yield reader.found(
            MessageRecord(
                import_id=_message_id(
                    place, author, raw_time, text, milliseconds, seen
                ),
                room=place,
                author=author,
                text=text,
                sent_at=milliseconds,
                raw_time=raw_time if milliseconds is None else "",
            ),
            row.line,
            guess=guess,
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

    It derives from the moment, not from how the moment is written. Equal rows of a file
    are told apart by counting them. It begins with the time, so that ids grow as
    messages do, and the index over them is filled from its end.
    """
    moment = raw_time if milliseconds is None else str(milliseconds)
    key = blake2b(
        "\0".join((room, author, moment, text)).encode("utf-8", "replace"),
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
