"""Records of a source, independent of its format.

Import IDs are the source's own. Only the engine knows the users and rooms that they
refer to (importers.md 5.1).
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any, ClassVar, Final, TypeAlias


class Kind(StrEnum):
    """Kind of a record, in the order of conversion."""

    USER = "user"
    CONTACT = "contact"
    CHANNEL = "channel"
    MESSAGE = "message"
    FILE = "file"
    AVATAR = "avatar"


class RoomType(StrEnum):
    """Type of a room; the values are the wire's `t`."""

    PUBLIC = "c"
    PRIVATE = "p"
    DIRECT = "d"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRecord:
    """User or bot. Selections refer to the record by its first import ID."""

    kind: ClassVar[Kind] = Kind.USER
    import_ids: tuple[str, ...]
    username: str | None = None
    emails: tuple[str, ...] = ()
    name: str | None = None
    is_bot: bool = False
    is_guest: bool = False
    """Gets the guest role instead of the default role."""
    is_deleted: bool | None = None
    """`None` if the source does not say."""
    roles: tuple[str, ...] = ()
    avatar_url: str | None = None
    avatar_entry: str = ""
    """Archive entry of the avatar, if the archive contains it."""
    utc_offset: float | None = None
    """Hours."""
    status_text: str | None = None
    bio: str | None = None
    pushed_by: str = ""
    """Public ID of the sender of a record that was pushed through the API."""
    is_known_by_name: bool = True
    """Whether an existing user with this username is the same person. False for names
    that anybody could have chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecord:
    """External contact; staged and shown, never converted (importers.md 2.6)."""

    kind: ClassVar[Kind] = Kind.CONTACT
    import_ids: tuple[str, ...]
    name: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    manager: str | None = None
    custom_fields: dict[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRecord:
    """Room. Creator and members are import IDs of users."""

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
    """Whether an existing room with this name is the same room. False for names that
    anybody could have chosen."""


@dataclass(slots=True, kw_only=True)  # not frozen: there are millions
class MessageRecord:
    """Message. Room and author are import IDs."""

    kind: ClassVar[Kind] = Kind.MESSAGE
    import_id: str
    """The same in every export of the message, unique within its room."""
    room: str
    author: str
    text: str
    sent_at: int | None
    """Milliseconds since 1970; `None` if the source's time is not valid."""
    raw_time: str = ""
    """The source's time, if it is not valid."""
    event: str = ""
    """The wire's `t` of an event, such as `uj` for joining; empty for others."""
    thread: str | None = None
    """Import ID of the first message of the thread, for replies."""
    is_broadcast: bool = False
    """Whether a reply is shown in the room as well."""
    edited_at: int | None = None
    """Milliseconds since 1970."""
    editor: str | None = None
    """Import ID of a user."""
    mentions: dict[str, str] | None = None
    """Names after the `@`, by import ID of the mentioned user."""
    mentioned_rooms: dict[str, str] | None = None
    """Names after the `#`, by import ID of the mentioned room."""
    reactions: dict[str, list[str]] | None = None
    """Import IDs of users by emoji, such as `:smile:`."""
    alias: str = ""
    """Display name of a bot in this message."""
    emoji: str = ""
    """Shown instead of the author's avatar."""
    is_bot: bool = False
    attachments: list[dict[str, Any]] | None = None
    files: list[dict[str, Any]] | None = None
    """Fields of `AttachedFile`, for each file."""

    @property
    def import_ids(self) -> tuple[str, ...]:
        """The import ID, in the form of the other records."""
        return (self.import_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """File that is attached to a message."""

    id: str
    name: str = ""
    url: str = ""
    """URL of the content; may contain a secret."""
    entry: str = ""
    """Archive entry of the content, if the archive contains it."""
    content_type: str = ""
    size: int | None = None
    """Bytes, according to the source."""
    is_link: bool = False
    """Whether the file is on another server and shown as a link only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRecord:
    """Row that is not a valid record, with the reason.

    It counts as failed, or as skipped if it was skipped on purpose.
    """

    kind: Kind
    cells: tuple[str, ...]
    """The row as far as it could be read."""
    code: str
    message: str
    folder: str = ""
    """Folder of the file, for rows of messages."""
    is_left_out: bool = False

    @property
    def import_ids(self) -> tuple[str, ...]:
        """An empty ID, because none is known."""
        return ("",)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """Pending download of a message's file."""

    kind: ClassVar[Kind] = Kind.FILE
    import_ids: tuple[str, ...]
    target: int
    """Key of the row that the file belongs to."""
    address: str
    """URL or entry name, without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AvatarRecord(FileRecord):
    """Pending download of a user's avatar."""

    kind: ClassVar[Kind] = Kind.AVATAR


Record: TypeAlias = (
    UserRecord | ContactRecord | ChannelRecord | MessageRecord | FileRecord
)


@dataclass(slots=True)  # not frozen: there are millions
class SourceItem:
    """Record with its place in the source."""

    record: Record | BadRecord
    file: str = ""
    line: int | None = None
    """From 1."""
    guess: str = ""
    """Code of the guess that the record depends on; the report explains it."""


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
_extras_of: Final = attrgetter(*_MESSAGE_EXTRAS)


def data_of(record: Record | BadRecord) -> dict[str, Any]:
    """Return a record as JSON data, without fields that have their default."""
    if isinstance(record, MessageRecord):  # the most frequent kind
        data = {
            "import_id": record.import_id,
            "room": record.room,
            "author": record.author,
            "text": record.text,
            "sent_at": record.sent_at,
        }
        extras = _extras_of(record)
        if any(extras):
            named = zip(_MESSAGE_EXTRAS, extras, strict=True)
            data |= {name: value for name, value in named if value}
        return data
    return {
        field.name: value
        for field in fields(record)
        if (value := getattr(record, field.name)) != field.default
        or field.default is MISSING
    }


def search_text_of(record: Record | BadRecord) -> str:
    """Return the search text of a record in a selection list; empty for others."""
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
    """Restore a record from the data of `data_of`."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in data.items()
    }
    if kind is Kind.CHANNEL:
        values["type"] = RoomType(values["type"])
    return _CLASSES[kind](**values)
