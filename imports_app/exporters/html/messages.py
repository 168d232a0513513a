"""Messages as HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from html import escape
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from imports_app.exporters.html.people import ROOT, People, picture_of
from imports_app.exporters.records import ExportedFile, ExportedMessage
from imports_app.markdown.emoji_names import show_emoji
from imports_app.markdown.html import render_html

_EVENTS: Final = {
    "uj": "joined",
    "ul": "left",
    "r": "renamed the room: %s",
    "room_changed_topic": "changed the topic: %s",
    "room_changed_description": "changed the purpose: %s",
    "room-archived": "archived the room",
    "room-unarchived": "unarchived the room",
    "message_pinned": "pinned a message: %s",
}
_EVENTS_WITHOUT_TEXT: Final = {
    "room_changed_topic": "removed the topic",
    "room_changed_description": "removed the purpose",
    "message_pinned": "pinned a message",
}
_WEB: Final = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_TEXTS: Final = ("pretext", "title", "text", "footer")


class ArchivedFile(NamedTuple):
    """File in the archive."""

    path: str
    """Empty if its content is not in the archive."""
    is_picture: bool = False


Attach = Callable[[ExportedFile], ArchivedFile]
"""Writes the content of a file."""


class MessageRenderer:
    """Renderer of messages.

    Args:
        people: The users.
        attach: Writes the content of a file.
    """

    def __init__(self, people: People, attach: Attach) -> None:
        self._people = people
        self._attach = attach

    def author_of(self, message: ExportedMessage) -> str:
        """Return the displayed name of the author."""
        return str(
            message.extras.get("alias") or self._people.find(message.author).name
        )

    def render(self, message: ExportedMessage, number: int, *, is_orphan: bool) -> str:
        """Return a message.

        Args:
            message: The message.
            number: Its number in the archive.
            is_orphan: Whether it is a reply without its thread's first message.
        """
        person = self._people.find(message.author)
        extras = message.extras
        name, picture = person.name, person.picture
        if alias := extras.get("alias"):
            name, picture = alias, picture_of(alias, "", ROOT)
        time = message.sent_at.isoformat()
        notes = []
        if extras.get("bot"):
            notes.append("bot")
        if message.edited_at is not None:
            notes.append(f"edited {short_time(message.edited_at)}")
        if is_orphan:
            notes.append("reply in a thread")
        parts = [
            f'<article class="message" id="m{number}">{picture}<div class="content">'
            f'<p class="by"><b>{escape(name)}</b> <a href="#m{number}">'
            f'<time datetime="{time}">{time[:10]} {time[11:16]}</time></a>'
        ]
        if notes:
            parts.append(f' <span class="note">{", ".join(notes)}</span>')
        parts.append("</p>")
        if message.event:
            parts.append(f'<p class="event">{escape(_described(message))}</p>')
        elif message.text:
            parts.append(f'<div class="text">{render_html(message.text)}</div>')
        parts += map(_attachment, extras.get("attachments") or ())
        parts += map(self._file, message.files)
        parts += self._reactions(extras.get("reactions") or {})
        parts.append("</div></article>\n")
        return "".join(parts)

    def _file(self, file: ExportedFile) -> str:
        name = escape(file.name or file.id)
        if file.url and _WEB.fullmatch(file.url):
            return (
                f'<p class="file"><a href="{escape(file.url)}" target="_blank"'
                f' rel="noopener noreferrer nofollow">{name}</a> (link)</p>'
            )
        found = self._attach(file)
        if not found.path:
            return f'<p class="file">{name} <span class="note">not included</span></p>'
        address = f"{ROOT}{escape(quote(found.path))}"
        link = f'<a href="{address}" download>{name}</a>'
        if found.is_picture:
            return (
                f'<figure><img src="{address}" alt="{name}" loading="lazy">'
                f"<figcaption>{link}</figcaption></figure>"
            )
        return f'<p class="file">{link}</p>'

    @staticmethod
    def _reactions(reactions: dict[str, list[str]]) -> Iterator[str]:
        if not reactions:
            return
        yield '<ul class="reactions" aria-label="Reactions">'
        for emoji, names in reactions.items():
            yield (
                f"<li>{escape(show_emoji(emoji))} {len(names)}"
                f' <span class="who">{escape(", ".join(names))}</span></li>'
            )
        yield "</ul>"


def short_time(moment: datetime) -> str:
    """Return a time with minutes, in UTC."""
    time = moment.isoformat()
    return f"{time[:10]} {time[11:16]}"


def _described(message: ExportedMessage) -> str:
    """Return the description of a room event."""
    kind = message.event
    if not message.text and kind in _EVENTS_WITHOUT_TEXT:
        return _EVENTS_WITHOUT_TEXT[kind]
    event = _EVENTS.get(kind, kind.replace("_", " "))
    return event % show_emoji(message.text) if "%s" in event else event


def _attachment(part: dict[str, Any]) -> str:
    """Return an attachment of an app; its pictures are on other servers."""
    texts = [part.get(key) for key in _TEXTS]
    for field in part.get("fields") or ():
        texts += (field.get("title"), field.get("value"))
    if not any(texts):
        texts = [part.get("fallback")]
    address = part.get("title_link") or part.get("from_url") or part.get("image_url")
    if isinstance(address, str) and _WEB.fullmatch(address):
        texts.append(address)
    rendered = (render_html(text) for text in texts if text and isinstance(text, str))
    paragraphs = "".join(f'<div class="text">{text}</div>' for text in rendered)
    return f'<div class="attachment">{paragraphs}</div>'
