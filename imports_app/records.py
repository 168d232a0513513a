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
    FILE = "file"
    AVATAR = "avatar"


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
    is_guest: bool = False
    """Gets the role of guests in the place of the default one."""
    is_deleted: bool | None = None
    """`None` where the source does not say."""
    roles: tuple[str, ...] = ()
    avatar_url: str | None = None
    utc_offset: float | None = None
    """Hours."""
    status_text: str | None = None
    bio: str | None = None
    pushed_by: str = ""
    """The public id of the record's sender, if sent through the API; empty in files."""
    is_known_by_name: bool = True
    """Whether an account with this username is the same person's; not if anybody could
    have called themselves so."""


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
    is_known_by_name: bool = False
    """Whether it is a room of this server, by its name; not if anybody could have
    called a room so."""


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
    event: str = ""
    """The wire's `t`, such as `uj` for somebody who joined; empty for what was said."""
    thread: str | None = None
    """The import id of the message that this one replies to."""
    edited_at: int | None = None
    """Milliseconds since 1970."""
    editor: str | None = None
    """An import id."""
    mentions: dict[str, str] | None = None
    """Import ids of people, each with the name that stands behind the `@`."""
    mentioned_rooms: dict[str, str] | None = None
    """Import ids of rooms, each with the name that stands behind the `#`."""
    reactions: dict[str, list[str]] | None = None
    """Import ids of people by emoji, as in `:smile:`."""
    alias: str = ""
    """The name that a bot goes by in this message."""
    emoji: str = ""
    """Stands in for the author's picture."""
    is_bot: bool = False
    attachments: list[dict[str, Any]] | None = None
    files: list[dict[str, Any]] | None = None
    """Each as the fields of `AttachedFile`."""

    @property
    def import_ids(self) -> tuple[str, ...]:
        """The one id, as the other records have theirs."""
        return (self.import_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """A file that belongs to a message."""

    id: str
    name: str
    url: str = ""
    """Where its bytes are; may carry a secret."""
    entry: str = ""
    """Where in the archive its bytes are, if they are in it."""
    content_type: str = ""
    size: int | None = None
    """Bytes, as the source says."""
    is_link: bool = False
    """It lies elsewhere, and is shown as a link only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRecord:
    """A row that can't become a record, with the reason.

    It counts as failed, or as skipped if it was left out on purpose.
    """

    kind: Kind
    cells: tuple[str, ...]
    """The row as far as it could be read."""
    code: str
    message: str
    folder: str = ""
    """The folder of a row of messages."""
    is_left_out: bool = False

    @property
    def import_ids(self) -> tuple[str, ...]:
        """Nothing is known of it."""
        return ("",)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """A file of a message that is to be fetched."""

    kind: ClassVar[Kind] = Kind.FILE
    import_ids: tuple[str, ...]
    target: int
    """The key of the row that wants it."""
    address: str
    """Where it is, without what is secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AvatarRecord(FileRecord):
    """A picture of somebody that is to be fetched."""

    kind: ClassVar[Kind] = Kind.AVATAR


Record: TypeAlias = (
    UserRecord | ContactRecord | ChannelRecord | MessageRecord | FileRecord
)


@dataclass(slots=True)  # not frozen: there are millions
class SourceItem:
    """A record and where in the source it stands."""

    record: Record | BadRecord
    file: str = ""
    line: int | None = None
    """From 1."""
    guess: str = ""
    """The code of a guess that the record rests on; the report explains it."""


_CLASSES: Final[dict[Kind, type[Record]]] = {
    cls.kind: cls
    for cls in (
        *(UserRecord, ContactRecord, ChannelRecord),
        *(MessageRecord, FileRecord, AvatarRecord),
    )
}


_MESSAGE_EXTRAS: Final = tuple(
    field.name for field in fields(MessageRecord) if field.default is not MISSING
)


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
        for name in _MESSAGE_EXTRAS:
            if value := getattr(record, name):
                data[name] = value
        return data
    return {
        field.name: value
        for field in fields(record)
        if (value := getattr(record, field.name)) != field.default
        or field.default is MISSING
    }


def search_text_of(record: Record | BadRecord) -> str:
    """Return what a record that people choose from a list is searched by."""
    if not isinstance(record, UserRecord | ContactRecord | ChannelRecord):
        return ""
    texts: list[str | None] = [record.name]
    if isinstance(record, UserRecord):
        texts.append(record.username)
    if not isinstance(record, ChannelRecord):
        texts += record.emails
    texts += record.import_ids
    return " ".join(filter(None, texts)).lower()


def record_of(kind: Kind, data: dict[str, Any]) -> Record:
    """Return the record that `data_of` wrote."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in data.items()
    }
    if kind is Kind.CHANNEL:
        values["type"] = RoomType(values["type"])
    return _CLASSES[kind](**values)
