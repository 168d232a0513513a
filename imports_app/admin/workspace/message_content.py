"""Content of a message: author, event, reactions, attachments, files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permission_names import PermissionName
from imports_app.admin.workspace.message_html import render_text
from imports_app.importers.slack.content.attachments import attachment_text
from imports_app.markdown.emoji_names import show_emoji
from imports_app.models import FileState, Message, MessageFile
from imports_app.sources.json_streams import dict_of, dicts_of, text_of, texts_of

_EVENTS: Final = {
    "uj": gettext_lazy("joined"),
    "ul": gettext_lazy("left"),
    "r": gettext_lazy("renamed the room: %s"),
    "room_changed_topic": gettext_lazy("changed the topic: %s"),
    "room_changed_description": gettext_lazy("changed the purpose: %s"),
    "room-archived": gettext_lazy("archived the room"),
    "room-unarchived": gettext_lazy("unarchived the room"),
    "message_pinned": gettext_lazy("pinned a message: %s"),
}
_EVENTS_WITHOUT_TEXT: Final = {
    "room_changed_topic": gettext_lazy("removed the topic"),
    "room_changed_description": gettext_lazy("removed the purpose"),
    "message_pinned": gettext_lazy("pinned a message"),
}
_MOST_PARTS: Final = 50
"""Maximum attachments of a message and fields of an attachment on a page."""
_LONGEST_TEXT: Final = 5_000
"""Maximum characters of each text of an attachment on a page."""
_COLOR: Final = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_NAMED_COLORS: Final = {"good": "2eb886", "warning": "daa038", "danger": "a30200"}
_ADDRESS: Final = re.compile(r"https?://\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Author:
    """Author of a message."""

    name: str
    account: str = ""
    """The username, if it differs from the name."""
    note: str = ""
    """State of the account, such as deactivated."""
    page: str = ""
    is_bot: bool = False

    @property
    def initial(self) -> str:
        """Letter that is shown instead of an avatar."""
        return next((sign.upper() for sign in self.name if sign.isalnum()), "?")


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji and the users who reacted with it."""

    emoji: str
    users: list[str]

    @property
    def who(self) -> str:
        """The names, separated by commas."""
        return ", ".join(self.users)


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment that an app added to a message."""

    color: str
    pretext: SafeString
    author: str
    title: str
    title_link: str
    text: SafeString
    fields: list[tuple[str, SafeString]]
    image: str
    footer: SafeString


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of a message."""

    name: str
    about: str
    """Type, size and state of the file."""
    page: str
    """URL of the download, or of the details if it is not stored."""
    is_stored: bool


def get_author(message: Message, request: HttpRequest) -> Author:
    """Return the author of a message, with a link if the viewer may open it."""
    extras = dict_of(message.extras)
    alias = text_of(extras.get("alias"))
    is_bot = bool(extras.get("bot"))
    user = message.author
    if user is None:
        return Author(
            alias or str(message.author_id),
            note=_("account deleted"),
            is_bot=is_bot,
        )
    name = alias or user.name or str(user)
    return Author(
        name,
        account="" if name == user.username else str(user),
        note="" if user.is_active else _("deactivated"),
        page=user_page(user, request),
        is_bot=is_bot or user.kind == User.Kind.BOT,
    )


def user_page(user: User, request: HttpRequest) -> str:
    """Return the URL of a user's page; empty without permission to view it."""
    if not request.user.has_perm(PermissionName.VIEW_USER_ADMINISTRATION):
        return ""
    return reverse("admin:accounts_user_change", args=[user.pk])


def describe_event(message: Message) -> str:
    """Return a description of an event; empty for ordinary messages."""
    kind = message.event
    if not kind:
        return ""
    if not message.text and kind in _EVENTS_WITHOUT_TEXT:
        return str(_EVENTS_WITHOUT_TEXT[kind])
    event = str(_EVENTS.get(kind, kind.replace("_", " ")))
    return event % show_emoji(message.text) if "%s" in event else event


def get_reactions(message: Message) -> list[Reaction]:
    """Return the reactions to a message."""
    reactions = dict_of(dict_of(message.extras).get("reactions"))
    return [
        Reaction(show_emoji(emoji), texts_of(users))
        for emoji, users in reactions.items()
    ]


def get_editor(message: Message) -> str:
    """Return the public ID of the last editor; empty if unknown."""
    return text_of(dict_of(message.extras).get("editor"))


def get_attachments(message: Message) -> list[Attachment]:
    """Return the attachments of a message."""
    parts = dicts_of(dict_of(message.extras).get("attachments"))
    return [_attachment(part) for part in parts[:_MOST_PARTS]]


def is_attachment_fallback(message: Message) -> bool:
    """Return whether the text is only the fallback text of the attachments."""
    parts = dicts_of(dict_of(message.extras).get("attachments"))
    return bool(parts) and message.text == attachment_text(parts)


def _attachment(part: dict[str, Any]) -> Attachment:
    texts = {key: text_of(value) for key, value in part.items()}
    texts = {key: text[:_LONGEST_TEXT] for key, text in texts.items() if text}
    body = texts.get("text", "")
    if not body and "title" not in texts:
        body = texts.get("fallback", "")
    footer = (texts.get("service_name", ""), texts.get("footer", ""))
    return Attachment(
        color=_color(texts.get("color", "")),
        pretext=render_text(texts.get("pretext", "")),
        author=show_emoji(texts.get("author_name", "")),
        title=show_emoji(texts.get("title", "")),
        title_link=_address(texts.get("title_link") or texts.get("from_url", "")),
        text=render_text(body),
        fields=list(_fields(part)),
        image=_address(texts.get("image_url") or texts.get("thumb_url", "")),
        footer=render_text(" · ".join(filter(None, footer))),
    )


def _fields(part: dict[str, Any]) -> Iterator[tuple[str, SafeString]]:
    for field in dicts_of(part.get("fields"))[:_MOST_PARTS]:
        title, value = text_of(field.get("title")), text_of(field.get("value"))
        yield show_emoji(title[:_LONGEST_TEXT]), render_text(value[:_LONGEST_TEXT])


def _address(text: str) -> str:
    return text if _ADDRESS.fullmatch(text) else ""


def _color(text: str) -> str:
    match = _COLOR.fullmatch(_NAMED_COLORS.get(text, text))
    return f"#{match[1]}" if match else ""


def build_file(file: MessageFile) -> ShownFile:
    """Return a message file for display."""
    is_stored = file.state == FileState.STORED
    kind = file.content_type
    if kind.startswith("image/"):
        kind = _("image")
    size = None if file.size is None else filesizeformat(file.size)
    state = "" if is_stored else file.get_state_display()
    page = "messagefile_download_page" if is_stored else "messagefile_change"
    return ShownFile(
        str(file),
        " · ".join(filter(None, (kind, size, state))),
        reverse(f"admin:imports_app_{page}", args=[file.pk]),
        is_stored,
    )
