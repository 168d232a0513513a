"""Messages as the lines of a conversation, with all that belongs to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from config.admin.formatting import moment
from imports_app.admin.workspace.links import conversation_of
from imports_app.admin.workspace.message_content import (
    Attachment,
    Author,
    Reaction,
    ShownFile,
    attachments_of,
    author_of,
    editor_of,
    event_of,
    reactions_of,
    says_only_attachments,
    shown_file,
)
from imports_app.admin.workspace.message_html import render_text
from imports_app.models import Message, MessageFile
from imports_app.querysets.workspace import ThreadSize

_LONGEST_TEXT: Final = 5_000
LONGEST_WHOLE: Final = 100_000
"""Characters of a text on the page of its message."""
_BREATH: Final = timedelta(minutes=5)
"""Within this time, the same author is not named again."""


@dataclass(frozen=True, slots=True)
class Line:
    """A message as a conversation shows it."""

    message: Message
    day: date | None
    """Given where a day begins."""
    sent: str
    """When, as a link that always leads here."""
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
    """Whether it replies to what is not here."""
    is_focus: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read."""
        return not (self.text or self.attachments or self.files)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is read once for a page."""

    threads: dict[str, ThreadSize]
    files: dict[str, list[ShownFile]]
    editors: dict[str, str]


def lines_of(
    messages: Sequence[Message],
    request: HttpRequest,
    *,
    focus: Message | None = None,
    in_thread: bool = False,
    is_whole: bool = False,
) -> list[Line]:
    """Return the lines of a page of a room. As many queries for any number of them.

    Args:
        messages: Of one room, in their order.
        request: Who looks.
        focus: The message that the address leads to.
        in_thread: Whether these are replies, which have none themselves.
        is_whole: Whether long texts are shown as far as a page can show them.
    """
    if not messages:
        return []
    beside = _read_beside(messages, in_thread=in_thread)
    longest = LONGEST_WHOLE if is_whole else _LONGEST_TEXT
    return list(_lines(messages, beside, request, focus, longest))


def _read_beside(messages: Sequence[Message], *, in_thread: bool) -> _Beside:
    room = messages[0].room_id
    ids = [message.import_id for message in messages]
    files: dict[str, list[ShownFile]] = {}
    for file in MessageFile.objects.of_messages(room, ids):
        files.setdefault(file.message_import_id, []).append(shown_file(file))
    editors = {editor for message in messages if (editor := editor_of(message))}
    names: Any = User.objects.filter(public_id__in=editors) if editors else ()
    return _Beside(
        threads={} if in_thread else Message.objects.thread_sizes(room, ids),
        files=files,
        editors={user.public_id: str(user) for user in names},
    )


def _lines(
    messages: Sequence[Message],
    beside: _Beside,
    request: HttpRequest,
    focus: Message | None,
    longest: int,
) -> Iterator[Line]:
    above: Line | None = None
    for message in messages:
        day = _day_of(message)
        thread = beside.threads.get(message.import_id)
        is_new_day = (
            above is None or above.message.sent_at.astimezone(UTC).date() != day
        )
        author = author_of(message, request)
        text = "" if says_only_attachments(message) else message.text[:longest]
        editor = editor_of(message)
        above = Line(
            message=message,
            day=day if is_new_day else None,
            sent=_permalink(message),
            author=author,
            is_continued=not is_new_day and _continues(message, author, above),
            event=event_of(message),
            text=render_text(text),
            is_cut=len(message.text) > longest,
            edited=moment(message.edited_at, missing=""),
            editor=beside.editors.get(editor, editor),
            reactions=reactions_of(message),
            attachments=attachments_of(message),
            files=beside.files.get(message.import_id, []),
            thread=thread,
            last_reply=moment(thread.last) if thread else "",
            is_lone_reply=message.thread is not None,
            is_focus=focus is not None and focus.pk == message.pk,
        )
        yield above


def _continues(message: Message, author: Author, above: Line | None) -> bool:
    return (
        above is not None
        and not above.event
        and not message.event
        and above.author == author
        and message.sent_at - above.message.sent_at < _BREATH
    )


def _day_of(message: Message) -> date:
    return message.sent_at.astimezone(UTC).date()


def _permalink(message: Message) -> str:
    return format_html(
        '<a class="said-at" href="{}">{}</a>',
        conversation_of(message),
        moment(message.sent_at),
    )
