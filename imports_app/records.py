"""What a source holds, one record at a time, whatever format it came in.

Import ids are the source's own; only the engine knows which accounts and rooms they
stand for (importers.md 5.1).
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Final, TypeAlias


class Kind(StrEnum):
    """What a record describes, in the order of conversion."""

    USER = "user"
    CONTACT = "contact"
    CHANNEL = "channel"
    MESSAGE = "message"


class RoomType(StrEnum):
    """Who gets into a room; the values are the wire's `t`."""

    PUBLIC = "c"
    PRIVATE = "p"
    DIRECT = "d"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRecord:
    """A person or a bot. The first import id names the record in a selection."""

    kind: ClassVar[Kind] = Kind.USER
    import_ids: tuple[str, ...]
    username: str | None = None
    emails: tuple[str, ...] = ()
    name: str | None = None
    is_bot: bool = False
    is_deleted: bool | None = None
    """`None` where the source does not say."""
    roles: tuple[str, ...] = ()
    avatar_url: str | None = None
    utc_offset: float | None = None
    """Hours."""
    status_text: str | None = None
    bio: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecord:
    """Somebody outside; staged and shown, never converted (importers.md 2.6)."""

    kind: ClassVar[Kind] = Kind.CONTACT
    import_ids: tuple[str, ...]
    name: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    manager: str | None = None
    custom_fields: dict[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRecord:
    """A room. Creator and members are import ids of users."""

    kind: ClassVar[Kind] = Kind.CHANNEL
    import_ids: tuple[str, ...]
    type: RoomType
    name: str | None = None
    creator: str | None = None
    members: tuple[str, ...] = ()
    topic: str | None = None
    description: str | None = None
    created_at: int | None = None
    """Milliseconds since 1970."""
    is_archived: bool = False


@dataclass(slots=True, kw_only=True)  # not frozen: there are millions
class MessageRecord:
    """A message. Room and author are import ids."""

    kind: ClassVar[Kind] = Kind.MESSAGE
    import_id: str
    """The same in every export of the message, unique within its room."""
    room: str
    author: str
    text: str
    sent_at: int | None
    """Milliseconds since 1970; `None` if the source's time can't be read."""
    raw_time: str = ""
    """What stands there instead of a time that can be read."""

    @property
    def import_ids(self) -> tuple[str, ...]:
        """The one id, as the other records have theirs."""
        return (self.import_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRecord:
    """A row that can't become a record, with the reason; it counts as failed."""

    kind: Kind
    cells: tuple[str, ...]
    """The row as far as it could be read."""
    code: str
    message: str
    folder: str = ""
    """The folder of a row of messages."""

    @property
    def import_ids(self) -> tuple[str, ...]:
        """Nothing is known of it."""
        return ("",)


Record: TypeAlias = UserRecord | ContactRecord | ChannelRecord | MessageRecord


@dataclass(slots=True)  # not frozen: there are millions
class Found:
    """A record and where in the source it stands."""

    record: Record | BadRecord
    file: str = ""
    line: int | None = None
    """From 1."""


_CLASSES: Final[dict[Kind, type[Record]]] = {
    cls.kind: cls for cls in (UserRecord, ContactRecord, ChannelRecord, MessageRecord)
}


def data_of(record: Record | BadRecord) -> dict[str, Any]:
    """Return a record as plain JSON; what has its default is left out."""
    if isinstance(record, MessageRecord):  # by far the most
        data = {
            "import_id": record.import_id,
            "room": record.room,
            "author": record.author,
            "text": record.text,
            "sent_at": record.sent_at,
        }
        return {**data, "raw_time": record.raw_time} if record.raw_time else data
    return {
        field.name: value
        for field in fields(record)
        if (value := getattr(record, field.name)) != field.default
        or field.default is MISSING
    }


def record_of(kind: Kind, data: dict[str, Any]) -> Record:
    """Return the record that `data_of` wrote."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in data.items()
    }
    if kind is Kind.CHANNEL:
        values["type"] = RoomType(values["type"])
    return _CLASSES[kind](**values)
