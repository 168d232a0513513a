"""Records of the workspace, independent of the format of an export.

IDs of users and rooms are those of this server (the wire's `_id`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Protocol

from imports_app.records import RoomType


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """File of a message, or avatar."""

    id: str
    """Stable unique ID of letters and digits with a fixed length."""
    name: str
    content_type: str = ""
    size: int | None = None
    """Size in bytes; from the source, unless the content is stored."""
    digest: str = ""
    """SHA-256 of the stored content, in hex; may be empty for avatars."""
    source_id: str = ""
    url: str = ""
    """URL of a link to another server, without secrets; empty for other files."""
    is_stored: bool = False
    """Whether this server has the content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedUser:
    """User who is a member of an exported room, or wrote a message in it."""

    id: str
    username: str
    name: str = ""
    email: str = ""
    """First e-mail address, or empty."""
    emails: tuple[str, ...] = ()
    """All e-mail addresses, the oldest first."""
    import_ids: tuple[str, ...] = ()
    """IDs in sources, the oldest first."""
    roles: tuple[str, ...] = ()
    """Names of roles, sorted."""
    avatar: ExportedFile | None = None
    is_bot: bool = False
    is_active: bool = True
    was_deleted: bool = False
    """Whether the account was deleted, and only its messages exist."""
    utc_offset: float = 0
    """Hours."""
    status_text: str = ""
    bio: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedRoom:
    """Room. Creator and members are IDs of users."""

    id: str
    import_ids: tuple[str, ...] = ()
    """IDs in sources, the oldest first."""
    type: RoomType
    name: str
    """Name after the `#`; for direct messages, a name made from the members."""
    created_at: datetime
    topic: str = ""
    description: str = ""
    creator: str | None = None
    members: tuple[str, ...] = ()
    is_archived: bool = False


@dataclass(slots=True, kw_only=True)  # not frozen: there are millions
class ExportedMessage:
    """Message. Author, editor and mentions are IDs of users."""

    import_id: str
    author: str
    sent_at: datetime
    text: str
    event: str = ""
    """The wire's `t` of an event, such as `uj` for joining; empty for others."""
    thread: str | None = None
    """Import ID of the thread's first message, for replies."""
    replies: int = 0
    """Number of exported replies, for the first message of a thread."""
    last_reply_at: datetime | None = None
    edited_at: datetime | None = None
    extras: dict[str, Any] = field(default_factory=dict)
    """Optional parts, as in the message's row."""
    files: tuple[ExportedFile, ...] = ()


class Workspace(Protocol):
    """The selected part of the workspace."""

    id: str
    """Stable ID of this server's workspace, of letters and digits."""

    def users(self) -> Iterable[ExportedUser]:
        """Return the users of the selected rooms, in order of their keys."""

    def rooms(self) -> Iterable[ExportedRoom]:
        """Return the selected rooms, in order of their keys."""

    def messages(self, room: ExportedRoom) -> Iterator[ExportedMessage]:
        """Yield the selected messages of a room, oldest first."""

    def open(self, file: ExportedFile) -> BinaryIO:
        """Open the content of a stored file; the caller closes it.

        Raises:
            OSError: The storage does not have the content, or is unavailable.
        """

    def link(self, file: ExportedFile) -> str:
        """Return a URL of this server that returns the content until it expires."""
