"""Lines of a conversation: messages with files, reactions and threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from config.admin.formatting import format_clock
from imports_app.admin.workspace.links import message_url
from imports_app.admin.workspace.message_content import (
    Attachment,
    Author,
    Reaction,
    ShownFile,
    build_file,
    describe_event,
    get_attachments,
    get_author,
    get_editor,
    get_reactions,
    is_attachment_fallback,
)
from imports_app.admin.workspace.message_html import render_text
from imports_app.models import Message, MessageFile
from imports_app.querysets.workspace import ThreadSize

_LONGEST_TEXT: Final = 5_000
LONGEST_WHOLE: Final = 100_000
"""Maximum characters of a text on the page of its message."""
_CONTINUATION_GAP: Final = timedelta(minutes=5)
"""Messages of one author within this time share a heading."""


@dataclass(frozen=True, slots=True)
class Line:
    """A message as shown in a conversation."""

    message: Message
    day: date | None
    """Set on the first message of a day."""
    sent: str
    """Time of the message as a permalink."""
    author: Author
    is_continued: bool
    """Whether the line above has the same author."""
    event: str
    text: SafeString
    is_cut: bool
    edited: str
    editor: str
    reactions: list[Reaction]
    attachments: list[Attachment]
    files: list[ShownFile]
    thread: ThreadSize | None
    last_reply: str
    is_lone_reply: bool
    """Whether it replies to a message that was not imported."""
    is_broadcast: bool
    """Whether it is a reply that is shown in the room as well."""
    is_focus: bool

    @property
    def is_empty(self) -> bool:
        """Whether the line has no text, attachments and files."""
        return not (self.text or self.attachments or self.files)


@dataclass(frozen=True, slots=True)
class _RelatedData:
    """Data of all messages of a page, read once."""

    threads: dict[str, ThreadSize]
    files: dict[str, list[ShownFile]]
    editors: dict[str, str]


def build_lines(
    messages: Sequence[Message],
    request: HttpRequest,
    *,
    focus: Message | None = None,
    in_thread: bool = False,
    is_whole: bool = False,
) -> list[Line]:
    """Return the lines of a page. The number of queries is constant.

    Args:
        messages: Messages of one room, in order.
        request: The request of the viewer.
        focus: The message that the URL links to.
        in_thread: Whether these are replies, which have no threads.
        is_whole: Whether texts are shown up to LONGEST_WHOLE characters.
    """
    if not messages:
        return []
    related = _read_related(messages, in_thread=in_thread)
    longest = LONGEST_WHOLE if is_whole else _LONGEST_TEXT
    return list(_lines(messages, related, request, focus, longest))


def _read_related(messages: Sequence[Message], *, in_thread: bool) -> _RelatedData:
    room = messages[0].room_id
    ids = [message.import_id for message in messages]
    files: dict[str, list[ShownFile]] = {}
    for file in MessageFile.objects.of_messages(room, ids):
        files.setdefault(file.message_import_id, []).append(build_file(file))
    editors = {editor for message in messages if (editor := get_editor(message))}
    names: Any = User.objects.filter(public_id__in=editors) if editors else ()
    return _RelatedData(
        threads={} if in_thread else Message.objects.thread_sizes(room, ids),
        files=files,
        editors={user.public_id: str(user) for user in names},
    )


def _lines(
    messages: Sequence[Message],
    related: _RelatedData,
    request: HttpRequest,
    focus: Message | None,
    longest: int,
) -> Iterator[Line]:
    above: Line | None = None
    for message in messages:
        day = _day_of(message)
        thread = related.threads.get(message.import_id)
        is_new_day = (
            above is None or above.message.sent_at.astimezone(UTC).date() != day
        )
        author = get_author(message, request)
        text = "" if is_attachment_fallback(message) else message.text[:longest]
        editor = get_editor(message)
        is_broadcast = (message.extras or {}).get("broadcast") is True
        above = Line(
            message=message,
            day=day if is_new_day else None,
            sent=_permalink(message, day),
            author=author,
            is_continued=not is_new_day and _continues(message, author, above),
            event=describe_event(message),
            text=render_text(text),
            is_cut=len(message.text) > longest,
            edited=format_clock(message.edited_at, day=day),
            editor=related.editors.get(editor, editor),
            reactions=get_reactions(message),
            attachments=get_attachments(message),
            files=related.files.get(message.import_id, []),
            thread=thread,
            last_reply=format_clock(thread.last if thread else None, day=day),
            is_lone_reply=message.thread is not None and not is_broadcast,
            is_broadcast=is_broadcast,
            is_focus=focus is not None and focus.pk == message.pk,
        )
        yield above


def _continues(message: Message, author: Author, above: Line | None) -> bool:
    return (
        above is not None
        and not above.event
        and not message.event
        and above.author == author
        and message.sent_at - above.message.sent_at < _CONTINUATION_GAP
    )


def _day_of(message: Message) -> date:
    return message.sent_at.astimezone(UTC).date()


def _permalink(message: Message, day: date) -> str:
    return format_html(
        '<a class="said-at" href="{}">{}</a>',
        message_url(message),
        format_clock(message.sent_at, day=day),
    )
