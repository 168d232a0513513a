"""Conversion of Slack blocks to text with Slack's markup (importers.md 3.5).

Slack displays a message's blocks and uses its text for notifications only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from imports_app.importers.slack.content.rich_text import escaped, rich_text
from imports_app.sources.json_streams import dict_of, dicts_of, text_of

_DEEPEST: Final = 6
_MOST_TEXTS: Final = 200
"""Maximum number of texts kept from a block of an unknown type."""
_TEXT_KEYS: Final = ("title", "label", "text", "description", "alt_text")
FALLBACKS: Final = frozenset(
    {
        *("this content can't be displayed.", "this content can't be displayed"),
        *("[no preview available]", "no preview available"),
        "this message contains interactive elements.",
    }
)
"""Fallback texts for clients that cannot display blocks, in lower case."""

_LONGEST_FALLBACK: Final = 100
_FIRST: Final = frozenset({"", *"tT[nN \t\r\n"})
"""First characters of fallback texts."""

Unknown = Callable[[str], None]
"""Callback for the types of unknown blocks."""


def is_fallback(text: str) -> bool:
    """Return whether a text is a mere fallback for other content."""
    if len(text) > _LONGEST_FALLBACK or text[:1] not in _FIRST:  # most texts
        return False
    return text.strip().casefold().replace("\u2019", "'") in FALLBACKS


def are_richer_than_text(blocks: Any) -> bool:
    """Return whether blocks may contain more than the message's text.

    Rich text, which users write, is always repeated in the text.
    """
    return any(block.get("type") != "rich_text" for block in dicts_of(blocks))


def flatten_blocks(blocks: Any, unknown: Unknown = lambda kind: None) -> str:
    """Convert blocks to text with Slack's markup.

    Args:
        blocks: The blocks of a message or an attachment.
        unknown: Called with the types of unknown blocks; their plain text is kept.
    """
    texts = (
        "\n".join(filter(None, _lines(block, unknown))) for block in dicts_of(blocks)
    )
    return "\n".join(text.rstrip("\n") for text in texts if text.strip())


def _lines(block: dict[str, Any], unknown: Unknown) -> Iterator[str]:
    kind = text_of(block.get("type"))
    if kind == "rich_text":
        yield rich_text(block)
    elif kind in ("section", "header"):
        yield _text(block.get("text"))
        yield from map(_text, dicts_of(block.get("fields")))
        yield from _labels([block.get("accessory")])
    elif kind == "context":
        yield " ".join(filter(None, map(_text, dicts_of(block.get("elements")))))
    elif kind == "markdown":
        yield escaped(text_of(block.get("text")))
    elif kind == "actions":
        yield " ".join(_labels(block.get("elements")))
    elif kind == "input":
        yield _text(block.get("label"))
        yield from _labels([block.get("element")])
    elif kind == "table":
        yield from map(_row, _lists(block.get("rows")))
    elif kind in _LINKED:
        yield _LINKED[kind](block)
    elif kind not in ("divider", ""):
        unknown(kind)
        yield from _plain_texts(block)


def _text(value: Any) -> str:
    """Return the text of a text object, or an image's alternative text."""
    if not isinstance(value, dict):
        return ""
    text = text_of(value.get("text"))
    if text:
        return escaped(text) if value.get("type") == "plain_text" else text
    return escaped(text_of(value.get("alt_text")))


def _labels(elements: Any) -> Iterator[str]:
    """Yield labels of buttons and menus in brackets, and images' alternative texts."""
    for element in dicts_of(elements):
        label = _text(element.get("text")) or _text(element.get("placeholder"))
        options = [_text(one.get("text")) for one in dicts_of(element.get("options"))]
        if label:
            yield f"[{label}]"
        elif options:
            yield " ".join(f"[{option}]" for option in options if option)
        elif text := _text(element):
            yield text


def _row(cells: list[Any]) -> str:
    return " | ".join(
        rich_text(cell).strip().replace("\n", " ")
        if cell.get("type") == "rich_text"
        else escaped(text_of(cell.get("text")))
        for cell in dicts_of(cells)
    )


def _lists(value: Any) -> list[list[Any]]:
    if not isinstance(value, list):
        return []
    return [one for one in value if isinstance(one, list)]


def _link(url: str, label: str) -> str:
    if not url:
        return label
    return f"<{url}|{label.replace('|', '/')}>" if label else f"<{url}>"


def _image(block: dict[str, Any]) -> str:
    file = dict_of(block.get("slack_file"))
    url = text_of(block.get("image_url")) or text_of(file.get("url"))
    label = _text(block.get("title")) or escaped(text_of(block.get("alt_text")))
    return _link(url, label)


def _video(block: dict[str, Any]) -> str:
    url = text_of(block.get("title_url")) or text_of(block.get("video_url"))
    label = _text(block.get("title")) or escaped(text_of(block.get("alt_text")))
    described = _text(block.get("description"))
    return "\n".join(filter(None, (_link(url, label), described)))


def _call(block: dict[str, Any]) -> str:
    call = dict_of(dict_of(block.get("call")).get("v1"))
    return _link(text_of(call.get("join_url")), escaped(text_of(call.get("name"))))


def _file(block: dict[str, Any]) -> str:
    file = dict_of(block.get("file"))
    label = escaped(text_of(file.get("title")) or text_of(file.get("name")))
    return _link(text_of(file.get("permalink")), label)


_LINKED: Final = {"image": _image, "video": _video, "call": _call, "file": _file}


def _plain_texts(block: dict[str, Any]) -> list[str]:
    """Return the texts in a block of an unknown type, in order."""
    found: list[str] = []
    _gather(block, found, _DEEPEST)
    return found


def _gather(value: Any, found: list[str], depth: int) -> None:
    if depth == 0 or len(found) >= _MOST_TEXTS:
        return
    if isinstance(value, list):
        for one in value:
            _gather(one, found, depth - 1)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in _TEXT_KEYS and (text := text_of(one)):
                found.append(escaped(text))
            elif isinstance(one, dict | list):
                _gather(one, found, depth - 1)
