"""Conversion of CSV rows to records (importers.md 2.3 to 2.6)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import blake2b
from typing import Final

from config.mail_addresses import addresses_of, is_address
from config.unicode import normalized
from imports_app.importers.base import NO_ADDRESS, WITHOUT_TEXT, Report
from imports_app.importers.csv.repeated_users import RepeatedUsers
from imports_app.importers.csv.times import (
    GUESSES,
    UNREADABLE,
    DayOrder,
    is_day_first_or_month_first,
    read_time,
)
from imports_app.importers.csv.values import (
    UNKNOWN_PRIVACY,
    is_deactivated,
    members_of,
    room_type,
)
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
SHORTENED: Final = " [shortened]"
"""Suffix of a shortened value of an invalid row."""
_MOST_CELLS: Final = 20
_LONGEST_CELL: Final = 1_000
_REMEMBERED: Final = 10_000
_NO_SENDER: Final = (
    "importer-message-unknown-user",
    "The message has no author. Write the author's username in the first column.",
)
_NO_RECIPIENT: Final = (
    "importer-message-missing-recipient",
    "The message has no recipient. Write the recipient's username in the second"
    " column.",
)
_SEVERAL_RECIPIENTS: Final = (
    "importer-message-missing-recipient",
    "The message has several recipients. Write one username in the second column, or"
    " list a private room with these members in channels.csv.",
)
_EXTRA_COLUMNS: Final = (
    "importer-message-extra-columns",
    "The row has values after the message text, so the text may be cut off. Put quotes"
    " around text that contains commas, or assign the columns.",
)
_REPEATED: Final = (
    "importer-repeated-user",
    "A row has the username or e-mail address of an earlier row, so both become one"
    " user. If they are two people, give each a different username and address.",
)
_ADDRESS: Final = (
    "importer-username-is-address",
    "Usernames that are e-mail addresses were read as addresses, because the rows have"
    " no other address.",
)
STATUS: Final = (
    "importer-account-status",
    "The status column contains unknown values. These users are created as"
    " deactivated. Write active or deactivated instead.",
)
"""Guess of every importer that reads lists of users."""
_OUR_CELLS: Final = 6
"""Number of cells of a user in an archive of failed records, with code and reason."""
_CONTACT_COLUMNS: Final = ("id", "name", "emails", "phones", "manager")


class RowReader:
    """Reader for the rows of one file, which reports irregular rows.

    Args:
        file: The file's name in the archive.
        report: Receives the warnings.
        is_ours: Whether this server wrote the archive, as a download of failed
            records: code and reason follow the known columns.
    """

    def __init__(self, file: str, report: Report, *, is_ours: bool = False) -> None:
        self.file = file
        self.report = report
        self.is_ours = is_ours
        self._extra = 2 if is_ours else 0

    def cells(self, row: Row, width: int, *, optional: int = 0) -> list[str]:
        """Return the first `width` cells; missing cells are empty.

        Args:
            row: The row.
            width: The number of columns.
            optional: Number of them that the documented order does not have.
        """
        if any(map(str.strip, row.cells[width + self._extra :])):
            self.report.warn(
                "importer-row-extra-columns",
                f"Rows have more than {width - optional} columns; further columns were"
                " ignored. Put quotes around text that contains commas.",
                file=self.file,
                line=row.line,
            )
        return [*row.cells, *[""] * width][:width]

    def found(self, record: Record, line: int, guess: str = "") -> SourceItem:
        """Return a record with its place and the guess that it depends on."""
        return SourceItem(record, self.file, line, guess)

    def bad(self, kind: Kind, row: Row | BadRow, code: str, message: str) -> SourceItem:
        """Return an invalid row; long values end with `SHORTENED`."""
        cells = tuple(map(_shortened, row.cells[:_MOST_CELLS]))
        bad = BadRecord(kind=kind, cells=cells, code=code, message=message)
        return SourceItem(bad, self.file, row.line)


def _shortened(cell: str) -> str:
    cut = cell[: _LONGEST_CELL - len(SHORTENED)] + SHORTENED
    return cut if len(cell) > _LONGEST_CELL else cell


def clean(cell: str) -> str:
    """Return a name in Unicode NFC, without surrounding white space."""
    return normalized("NFC", cell).strip()


def read_users(rows: Iterator[Row | BadRow], reader: RowReader) -> Iterator[SourceItem]:
    """Yield users from the columns username, e-mail address, name and status."""
    repeats = RepeatedUsers()
    for row in rows:
        if isinstance(row, BadRow):
            yield reader.bad(Kind.USER, row, row.code, row.message)
            continue
        if reader.is_ours and len(row.cells) < _OUR_CELLS:
            row.cells.insert(_OUR_CELLS - 3, "")  # an archive without status
        cells = reader.cells(row, 4, optional=1)
        username, email, name, status = map(clean, cells)
        if not username and not email:
            if not any(map(str.strip, row.cells)):
                continue
            yield reader.bad(
                Kind.USER,
                row,
                "importer-user-missing-email-and-username",
                "The user has neither a username nor an e-mail address. Add one of"
                " them.",
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
    """Yield rooms from the columns name, creator, type, members."""
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
                "The room has no name. Add a name.",
            )
            continue
        kind = room_type(access)
        if kind is None:
            yield reader.bad(
                Kind.CHANNEL,
                row,
                UNKNOWN_PRIVACY,
                f"The room type {access[:40]!r} is not valid. Write private or public"
                " in the third column.",
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
    """Return a room's import ID, which is different for private and public rooms."""
    return f"csv-{'p' if is_private else 'c'}-{name}"


def read_contacts(
    rows: Iterator[Row | BadRow], reader: RowReader
) -> Iterator[SourceItem]:
    """Yield contacts; the first row is the header."""
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
    """Yield messages from the columns author, time, text.

    Args:
        rows: The file's rows.
        reader: Reads cells and reports irregular rows.
        room: The room's import ID; `None` for direct messages, whose second column is
            the recipient. Their rooms are yielded before their first message.
        pairs: Import IDs of direct rooms that were already yielded.
        find_order: Returns the order of day and month in the file's dates; called if a
            date depends on it.
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
                f"The row has too few columns. A message has {width} columns.",
            )
            continue
        if not reader.is_ours and any(map(str.strip, row.cells[width:])):
            yield reader.bad(Kind.MESSAGE, row, *_EXTRA_COLUMNS)
            continue
        author = clean(people[0])
        place = room
        milliseconds, guess = read_time(raw_time)
        if milliseconds is None and is_day_first_or_month_first(raw_time):
            milliseconds, guess = read_time(raw_time, order())
        if place is None:
            partner = clean(people[1])
            is_shifted = milliseconds is None and read_time(partner) != UNREADABLE
            if is_shifted or not (author and partner):
                # No room for a user without a name, or with a time as name.
                reason = _NO_RECIPIENT if author else _NO_SENDER
                yield reader.bad(Kind.MESSAGE, row, *reason)
                continue
            if ";" in partner:
                yield reader.bad(Kind.MESSAGE, row, *_SEVERAL_RECIPIENTS)
                continue
            first, second = sorted((author, partner))
            place = f"{first}/{second}"
            if (first, second) not in pairs:
                pairs.add((first, second))
                yield reader.found(direct_room(place, first, second), row.line)
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


def direct_room(import_id: str, first: str, second: str) -> ChannelRecord:
    """Return the room of direct messages between two users."""
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
    """Return an ID that is the same in every export (importers.md 2.5).

    The ID depends on the time itself, not on its format. Identical rows of a file are
    numbered. The ID begins with the time, so that new rows are appended to the end of
    the database index.
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
