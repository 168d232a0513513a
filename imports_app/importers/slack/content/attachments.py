"""Conversion of Slack attachments: content of apps and shared messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from imports_app.importers.slack.content.blocks import (
    Unknown,
    flatten_blocks,
    is_fallback,
)
from imports_app.importers.slack.content.text import decoded
from imports_app.sources.json_streams import (
    dict_of,
    dicts_of,
    flag_of,
    seconds_of,
    text_of,
)

_SCALARS: Final = (
    *("author_name", "color", "from_url", "image_url", "thumb_url", "title_link"),
    "service_name",
)
"""Keys of texts and URLs without markup, in which `&`, `<` and `>` are escaped."""
_SHARED_FLAGS: Final = ("is_share", "is_msg_unfurl")
_CONVERTED: Final = ("title", "pretext", "text", "fallback", "footer")
"""Keys of texts with Slack's markup."""


def attachment_text(attachments: list[dict[str, Any]]) -> str:
    """Return the text of attachments, for a message without a text of its own."""
    texts = (
        next(
            filter(
                None,
                (
                    text_of(one.get(key))
                    for key in ("fallback", "text", "pretext", "title")
                ),
            ),
            "",
        )
        for one in attachments
    )
    return "\n".join(filter(None, texts))


def known_parts(
    attachment: dict[str, Any], convert: Callable[[str], str]
) -> dict[str, Any]:
    """Return the supported parts of an attachment, without its texts.

    Args:
        attachment: The attachment.
        convert: Converts texts with Slack's markup.
    """
    kept: dict[str, Any] = {
        key: decoded(value)
        for key in _SCALARS
        if (value := text_of(attachment.get(key)))
    }
    if origin := _origin(attachment):
        kept["footer"] = origin
    fields = [
        {key: convert(text_of(field.get(key))) for key in ("title", "value")}
        for field in dicts_of(attachment.get("fields"))
    ]
    return {**kept, "fields": fields} if fields else kept


def raw_texts(attachment: dict[str, Any], unknown: Unknown) -> dict[str, str]:
    """Return an attachment's texts by key, with Slack's markup.

    Blocks replace a text that is missing or a mere fallback. For a shared message,
    these are the blocks of that message.
    """
    texts = {
        key: text
        for key in _CONVERTED
        if (text := text_of(attachment.get(key))) and not is_fallback(text)
    }
    if "text" not in texts:
        blocks = [*dicts_of(attachment.get("blocks")), *_shared_blocks(attachment)]
        if text := flatten_blocks(blocks, unknown):
            texts["text"] = text
            texts.pop("fallback", None)
    if labels := " ".join(_labels(attachment)):
        said = texts.get("text", "") or texts.get("fallback", "")
        texts["text"] = f"{said}\n{labels}" if said else labels
    return texts


def _labels(attachment: dict[str, Any]) -> Iterator[str]:
    """Yield the labels of an old attachment's buttons and menus, in brackets."""
    for action in dicts_of(attachment.get("actions")):
        options = dicts_of(action.get("options"))
        texts = [action] if text_of(action.get("text")) else options
        for one in texts:
            if label := text_of(one.get("text")):
                yield f"[{label}]"


def _shared_blocks(attachment: dict[str, Any]) -> list[dict[str, Any]]:
    shared = dicts_of(attachment.get("message_blocks"))
    messages = (dict_of(one.get("message")) for one in shared)
    return [block for message in messages for block in dicts_of(message.get("blocks"))]


def _origin(attachment: dict[str, Any]) -> str:
    """Return the room and time of a shared message."""
    if not any(map(flag_of, map(attachment.get, _SHARED_FLAGS))):
        return ""
    parts = []
    if channel := text_of(attachment.get("channel_name")):
        parts.append(f"#{channel}")
    if (seconds := seconds_of(attachment.get("ts"))) is not None:
        parts.append(f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC")
    return ", ".join(parts)
