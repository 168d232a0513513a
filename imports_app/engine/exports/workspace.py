"""The selected part of the workspace, read in pages of constant size."""

from __future__ import annotations

from base64 import b32encode
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, Final

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from accounts.models import EmailAddress, ImportId, User
from config.db.clock import midnight
from imports_app.engine.exports.files import (
    FILE_COLUMNS,
    Link,
    WorkspaceFile,
    avatar_file,
    message_file,
    open_content,
)
from imports_app.engine.exports.selection import Selection, result_of
from imports_app.exporters.records import (
    ExportedFile,
    ExportedMessage,
    ExportedRoom,
    ExportedUser,
)
from imports_app.models import Message, MessageFile, Room, RoomImportId, RoomMember
from imports_app.querysets.workspace import MessageQuerySet
from imports_app.records import RoomType

_PAGE: Final = 2_000
"""Number of messages or users that are read at once."""
_ROOMS: Final = 50
_UNKNOWN: Final = "unknown"
"""ID of the author of messages without one."""
_USER_COLUMNS: Final = (
    *("pk", "public_id", "username", "name", "kind", "is_active", "utc_offset"),
    *("status_text", "bio", "avatar_name"),
)
_MESSAGE_COLUMNS: Final = (
    *("pk", "import_id", "author_id", "sent_at", "text", "event", "thread"),
    *("edited_at", "extras"),
)


class SelectedWorkspace:
    """Reader of rooms, their users and their messages.

    Args:
        selection: The selected rooms, authors and days.
        on_messages: Called with the number of messages of each page.
        link: Returns the URL of a stored file; without it, files have none.

    Raises:
        ResultUnknownError: The result of the selected import is not known.
    """

    def __init__(
        self,
        selection: Selection,
        *,
        on_messages: Callable[[int], None],
        link: Link | None = None,
    ) -> None:
        self.id = _workspace_id()
        self._selection = selection
        self._result = (
            None if selection.operation is None else result_of(selection.operation)
        )
        self._chosen = self._chosen_rooms()
        self._on_messages = on_messages
        self._link = link
        self._keys: dict[str, int] = {}

    def users(self) -> Iterator[ExportedUser]:
        """Yield members, creators and authors; authors without an account come last.

        An export of the whole workspace contains all users.
        """
        authors: set[str | None] = set(
            self._messages().order_by().values_list("author_id", flat=True).distinct()
            if self._result is None
            else self._result.authors
        )
        rooms = self._rooms().order_by()
        members = set(
            RoomMember.objects.filter(room__in=rooms.values("pk"))
            .order_by()
            .values_list("user_id", flat=True)
            .distinct()
        ) | set(rooms.values_list("creator_id", flat=True))
        for page in _pages(User.objects.order_by("pk"), _USER_COLUMNS):
            found = [
                row
                for row in page
                if self._selection.is_everything
                or row[0] in members
                or row[1] in authors
            ]
            lists = _lists_of([row[0] for row in found])
            for row in found:
                authors.discard(row[1])
                yield _user(row, *(one.get(row[0], ()) for one in lists))
        for author in sorted(str(author or _UNKNOWN) for author in authors):
            yield ExportedUser(
                id=author,
                username=f"deleted-{author}",
                is_active=False,
                was_deleted=True,
            )

    def rooms(self) -> Iterator[ExportedRoom]:
        """Yield the rooms with their members."""
        rows = self._rooms().order_by("pk").select_related("creator")
        last = 0
        while rooms := list(rows.filter(pk__gt=last)[:_ROOMS]):
            last = rooms[-1].pk
            members: dict[int, list[str]] = {room.pk: [] for room in rooms}
            pairs = RoomMember.objects.filter(room__in=members).order_by("pk")
            for room, user in pairs.values_list("room_id", "user__public_id"):
                members[room].append(user)
            ids = _grouped(
                RoomImportId.objects.filter(room__in=members)
                .order_by("pk")
                .values_list("room_id", "value")
            )
            for room in rooms:
                self._keys = {room.public_id: room.pk}
                yield _room(room, tuple(members[room.pk]), ids.get(room.pk, ()))

    def messages(self, room: ExportedRoom) -> Iterator[ExportedMessage]:
        """Yield the messages of the last yielded room, oldest first."""
        key = self._keys[room.id]
        messages = self._messages().history(key)
        last: Message | None = None
        while True:
            rows = messages if last is None else messages.after_message(last)
            page = list(rows.values_list(*_MESSAGE_COLUMNS)[:_PAGE])
            if page:
                yield from self._page(room.id, key, self._selected(page))
                self._on_messages(len(page))
            if len(page) < _PAGE:
                return
            last = Message(pk=page[-1][0], sent_at=page[-1][3])

    def open(self, file: ExportedFile) -> BinaryIO:
        """Open the content of a stored file; the caller closes it.

        Raises:
            OSError: The storage does not have the content, or is unavailable.
        """
        return open_content(file)

    def link(self, file: ExportedFile) -> str:
        """Return a URL of a stored file; empty if the export has no links."""
        if self._link is None or not isinstance(file, WorkspaceFile):
            return ""
        return self._link(file)

    def _page(
        self, room_id: str, room: int, rows: list[tuple[Any, ...]]
    ) -> Iterator[ExportedMessage]:
        ids = [row[1] for row in rows]
        threads = self._messages().thread_sizes(
            room, [row[1] for row in rows if row[6] is None]
        )
        files: dict[str, list[WorkspaceFile]] = defaultdict(list)
        found = MessageFile.objects.of_messages(room, ids)
        for row in found.values_list(*FILE_COLUMNS):
            files[row[1]].append(message_file(room_id, row))
        for (
            _pk,
            import_id,
            author,
            sent_at,
            text,
            event,
            thread,
            edited,
            extras,
        ) in rows:
            size = threads.get(import_id)
            yield ExportedMessage(
                import_id=import_id,
                author=author or _UNKNOWN,
                sent_at=sent_at,
                text=text,
                event=event,
                thread=thread,
                replies=size.replies if size else 0,
                last_reply_at=size.last if size else None,
                edited_at=edited,
                extras=extras or {},
                files=tuple(files.get(import_id, ())),
            )

    def _selected(self, page: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        if self._result is None:
            return page
        messages = self._result.messages
        return [row for row in page if row[0] in messages]

    def _chosen_rooms(self) -> list[int] | None:
        """Return the keys of the selected rooms; `None` for all."""
        chosen = self._selection.rooms
        rooms = None if chosen is None else set(chosen)
        if self._result is not None:
            result = self._result.rooms
            rooms = set(result) if rooms is None else rooms & result
        if self._selection.authors is not None:
            said = Message.objects.of_authors(self._selection.authors)
            found = set(said.order_by().values_list("room_id", flat=True).distinct())
            rooms = found if rooms is None else rooms & found
        return None if rooms is None else sorted(rooms)

    def _rooms(self) -> QuerySet[Room]:
        chosen = self._chosen
        return (
            Room.objects.all() if chosen is None else Room.objects.filter(pk__in=chosen)
        )

    def _messages(self) -> MessageQuerySet:
        selection = self._selection
        rows = Message.objects.all()
        if self._chosen is not None:
            rows = rows.filter(room__in=self._chosen)
        if selection.authors is not None:
            rows = rows.of_authors(selection.authors)
        if selection.since is not None:
            rows = rows.filter(sent_at__gte=midnight(selection.since))
        if selection.until is not None:
            rows = rows.filter(sent_at__lt=midnight(selection.until))
        return rows


def count_messages(selection: Selection) -> int:
    """Return the number of messages in the selected rooms, of all days."""
    rooms = Room.objects.all()
    if selection.rooms is not None:
        rooms = rooms.filter(pk__in=selection.rooms)
    return sum(rooms.order_by().values_list("message_count", flat=True))


def _pages(rows: QuerySet[Any], columns: tuple[str, ...]) -> Iterator[list[Any]]:
    """Yield rows in order of their keys, which is the first column."""
    last = 0
    while page := list(rows.filter(pk__gt=last).values_list(*columns)[:_PAGE]):
        yield page
        last = page[-1][0]


_Lists = dict[int, tuple[str, ...]]


def _lists_of(users: Sequence[int]) -> tuple[_Lists, _Lists, _Lists]:
    """Return the addresses, import IDs and names of roles of users, by key."""
    roles = User.roles.through.objects.filter(user__in=users)
    return (
        _grouped(
            EmailAddress.objects.filter(user__in=users)
            .order_by("pk")
            .values_list("user_id", "address")
        ),
        _grouped(
            ImportId.objects.filter(user__in=users)
            .order_by("pk")
            .values_list("user_id", "value")
        ),
        _grouped(
            roles.order_by("role__name", "pk").values_list("user_id", "role__name")
        ),
    )


def _grouped(pairs: QuerySet[Any, tuple[int, str]]) -> _Lists:
    """Return the values of each key."""
    found: dict[int, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def _user(
    row: tuple[Any, ...],
    addresses: tuple[str, ...],
    import_ids: tuple[str, ...],
    roles: tuple[str, ...],
) -> ExportedUser:
    pk, public_id, username, name, kind, is_active, offset, status, bio, avatar = row
    return ExportedUser(
        id=public_id,
        username=username or f"user-{public_id}",
        name=name,
        email=addresses[0] if addresses else "",
        emails=addresses,
        import_ids=import_ids,
        roles=roles,
        avatar=avatar_file(pk, public_id, avatar),
        is_bot=kind == User.Kind.BOT,
        is_active=is_active,
        utc_offset=offset,
        status_text=status,
        bio=bio,
    )


def _room(
    room: Room, members: tuple[str, ...], import_ids: tuple[str, ...]
) -> ExportedRoom:
    creator = room.creator
    return ExportedRoom(
        id=room.public_id,
        import_ids=import_ids,
        type=RoomType(room.type),
        name=room.name or f"direct-{room.public_id}",
        created_at=room.created_at,
        topic=room.topic,
        description=room.description,
        creator=creator.public_id if creator else None,
        members=members,
        is_archived=room.is_archived,
    )


def _workspace_id() -> str:
    """Return an ID that is unique to this server and never changes."""
    digest = salted_hmac("imports_app.engine.exports", "workspace").digest()
    return f"T{b32encode(digest[:10]).decode()}"
