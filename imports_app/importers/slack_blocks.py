"""What apps write without a text: blocks and attachments (importers.md 3.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from imports_app.sources.json_values import dicts_of, text_of

_DEEPEST: Final = 10
_SCALARS: Final = (
    *("author_name", "color", "from_url", "image_url", "thumb_url", "title_link"),
    *("footer", "service_name"),
)
CONVERTED: Final = ("title", "pretext", "text", "fallback")
"""The keys of an attachment that hold text with Slack's marks."""


def flatten_blocks(blocks: Any) -> str:
    """Return the text of rich_text, section, header and context blocks.

    The text has Slack's marks, as `text` would have them.
    """
    lines = ("".join(_block(block)) for block in dicts_of(blocks))
    return "\n".join(line.rstrip("\n") for line in lines if line.strip())


def _block(block: dict[str, Any]) -> Iterator[str]:
    kind = text_of(block.get("type"))
    if kind == "rich_text":
        yield from _rich(block, _DEEPEST)
    elif kind in ("section", "header"):
        yield _text(block.get("text"))
        for field in dicts_of(block.get("fields")):
            yield f"\n{_text(field)}"
    elif kind == "context":
        yield " ".join(filter(None, map(_text, dicts_of(block.get("elements")))))


def _text(value: Any) -> str:
    """Return the text of a text object; of a picture what stands for it."""
    if not isinstance(value, dict):
        return ""
    return text_of(value.get("text")) or text_of(value.get("alt_text"))


def _rich(block: dict[str, Any], depth: int) -> Iterator[str]:
    if depth == 0:
        return
    is_list = block.get("type") == "rich_text_list"
    for element in dicts_of(block.get("elements")):
        kind = text_of(element.get("type"))
        if kind.startswith("rich_text_"):
            text = "".join(_rich(element, depth - 1))
            yield _framed(kind, text, is_item=is_list)
        else:
            yield _inline(kind, element)


def _framed(kind: str, text: str, *, is_item: bool) -> str:
    if kind == "rich_text_preformatted":
        return f"```\n{text}\n```\n"
    if kind == "rich_text_quote":
        return "".join(f"> {line}\n" for line in text.splitlines())
    if is_item:
        return f"• {text.rstrip()}\n"
    return text if text.endswith("\n") else f"{text}\n"


def _inline(kind: str, element: dict[str, Any]) -> str:
    """Return an element as it would stand in a text."""
    text = _escaped(text_of(element.get("text")))
    if kind == "link":
        url = text_of(element.get("url"))
        return f"<{url}|{text}>" if text else f"<{url}>"
    identity = {
        "user": ("@", "user_id"),
        "channel": ("#", "channel_id"),
        "usergroup": ("!subteam^", "usergroup_id"),
        "broadcast": ("!", "range"),
    }.get(kind)
    if identity is not None:
        mark, key = identity
        return f"<{mark}{text_of(element.get(key))}>"
    if kind == "emoji":
        return f":{text_of(element.get('name'))}:"
    if kind == "date":
        return _escaped(text_of(element.get("fallback")))
    return text


def _escaped(text: str) -> str:
    """Return literal text as Slack would escape it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attachment_text(attachments: list[dict[str, Any]]) -> str:
    """Return what attachments say where a message says nothing."""
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


def known_parts(attachment: dict[str, Any]) -> dict[str, Any]:
    """Return what of an attachment is kept, without its texts."""
    kept: dict[str, Any] = {
        key: value for key in _SCALARS if (value := text_of(attachment.get(key)))
    }
    fields = [
        {"title": text_of(field.get("title")), "value": text_of(field.get("value"))}
        for field in dicts_of(attachment.get("fields"))
    ]
    return {**kept, "fields": fields} if fields else kept
