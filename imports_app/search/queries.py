"""Message search by words: SQLite's FTS5, PostgreSQL's tsvector.

Both index the words of `imports_app.search.tokenizer`, so results are the same. Each
entry also has a word for its room and one for its author. Keys are ordered by time, so
the newest messages come first without sorting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from django.db import connection, models
from django.db.models import Max
from django.db.models.expressions import RawSQL

from imports_app.search.tokenizer import SearchTerm, search_terms, words_of

if TYPE_CHECKING:
    from imports_app.models import MessageEntry

WORDS_TABLE: Final = "imports_app_messagewords"
_ROOM: Final = "\ue000"  # private-use characters, which never begin a word of a text
_AUTHOR: Final = "\ue001"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BITS: Final = 14
"""Maximum number of messages with distinct keys in one millisecond."""
NEXT_PLACE: Final = 1 << _BITS
_FIRST: Final = -(1 << 63)
_END: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Search:
    """Search criteria; empty ones are ignored."""

    text: str = ""
    begins: bool = False
    """Whether the words of the text also match as prefixes."""
    room_id: int | None = None
    author_id: str | None = None
    """A public id."""
    since: datetime | None = None
    until: datetime | None = None
    """End of the period, exclusive."""

    @property
    def words(self) -> list[SearchTerm]:
        """Words that a text must contain."""
        return search_terms(self.text, begins=self.begins)

    @property
    def wanted(self) -> list[SearchTerm]:
        """Words that an entry must contain, including room and author."""
        wanted = self.words
        if self.room_id is not None:
            wanted.append(SearchTerm(f"{_ROOM}{self.room_id}"))
        if self.author_id is not None:
            wanted.append(SearchTerm(f"{_AUTHOR}{_plain(self.author_id)}"))
        return wanted

    def key_query(self, limit: int) -> RawSQL:
        """Return a query of the last keys of entries that have all words."""
        sql, params = _key_sql(self.wanted, _FIRST, _END, limit)
        return RawSQL(sql, params)  # noqa: S611 - our SQL

    @property
    def is_unanswerable(self) -> bool:
        """Whether the text contains no words."""
        return bool(self.text.strip()) and not self.words


class MessageEntryQuerySet(models.QuerySet["MessageEntry"]):
    """Queries for search entries."""

    def found(self, search: Search, *, before: int | None, limit: int) -> Self:
        """Return matching entries, newest first, with message, room and author."""
        first = _FIRST if search.since is None else preferred_key(search.since, 0)
        end = _END if search.until is None else preferred_key(search.until, 0)
        if before is not None:
            end = min(end, before)
        rows = self.filter(message__isnull=False).order_by("-id")
        rows = rows.select_related("message__room", "message__author")
        if wanted := search.wanted:
            return rows.filter(pk__in=_keys(wanted, first, end, limit))
        return rows.filter(pk__gte=first, pk__lt=end)[:limit]

    def last_message(self) -> int:
        """Return the key of the last indexed message; 0 if there is none."""
        return self.aggregate(last=Max("message"))["last"] or 0

    def insert_words(self, words: Iterable[tuple[int, set[str]]]) -> None:
        """Insert the words of entries."""
        is_sqlite = connection.vendor == "sqlite"
        value = "%s" if is_sqlite else "array_to_tsvector(%s)"
        rows = [
            (key, " ".join(sorted(those)) if is_sqlite else list(those))
            for key, those in sorted(words)
        ]
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {WORDS_TABLE} (rowid, words) VALUES (%s, {value})",  # noqa: S608 - our table
                rows,
            )


def preferred_key(sent_at: datetime, pk: int) -> int:
    """Return the preferred key of a message's entry, which another one may have."""
    milliseconds = (sent_at - _EPOCH) // timedelta(milliseconds=1)
    return (milliseconds << _BITS) + (pk % NEXT_PLACE)


def entry_words(room_id: int, author_id: str, text: str) -> set[str]:
    """Return all words of a message's entry."""
    return words_of(text) | {f"{_ROOM}{room_id}", f"{_AUTHOR}{_plain(author_id)}"}


def _plain(public_id: str) -> str:
    """Return an ID as one word in which case is significant: SQLite ignores case."""
    return public_id.encode().hex()


def _keys(
    wanted: Sequence[SearchTerm], first: int, end: int, limit: int
) -> Sequence[int]:
    """Return the last keys from `first` to before `end` that have all words."""
    with connection.cursor() as cursor:
        cursor.execute(*_key_sql(wanted, first, end, limit))
        return [key for (key,) in cursor.fetchall()]


def _key_sql(
    wanted: Sequence[SearchTerm], first: int, end: int, limit: int
) -> tuple[str, list[Any]]:
    is_sqlite = connection.vendor == "sqlite"
    matches = f"w.{WORDS_TABLE} MATCH %s" if is_sqlite else "words @@ %s::tsquery"
    sql = (
        f"SELECT w.rowid FROM {WORDS_TABLE} w WHERE {matches}"  # noqa: S608 - our table
        " AND w.rowid >= %s AND w.rowid < %s AND EXISTS (SELECT 1"
        " FROM imports_app_messageentry e WHERE e.id = w.rowid"
        # Repeated for the join, which would otherwise start at the end of all entries.
        " AND e.id >= %s AND e.id < %s AND e.message_id IS NOT NULL)"
        " ORDER BY w.rowid DESC LIMIT %s"
    )
    query = _fts5(wanted) if is_sqlite else _tsquery(wanted)
    return sql, [query, first, end, first, end, limit]


def _fts5(wanted: Iterable[SearchTerm]) -> str:
    return " AND ".join(f'"{one.word}"{"*" * one.is_prefix}' for one in wanted)


def _tsquery(wanted: Iterable[SearchTerm]) -> str:
    return " & ".join(f"'{one.word}'{':*' * one.is_prefix}" for one in wanted)
