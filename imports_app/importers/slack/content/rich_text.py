"""Conversion of Slack's rich text to text with Slack's markup (importers.md 3.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from imports_app.sources.json_streams import dict_of, dicts_of, number_of, text_of

_DEEPEST: Final = 10
_MARKS: Final = {"code": "`", "strike": "~", "italic": "_", "bold": "*"}
"""Marks by style, the innermost first."""
_MOST_INDENTED: Final = 20


def rich_text(block: dict[str, Any]) -> str:
    """Return the text of a rich_text block."""
    return "".join(_parts(block, _DEEPEST))


def escaped(text: str) -> str:
    """Escape literal text as Slack does."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _parts(block: dict[str, Any], depth: int) -> Iterator[str]:
    if depth == 0:
        return
    is_list = block.get("type") == "rich_text_list"
    is_code = block.get("type") == "rich_text_preformatted"
    for number, element in enumerate(dicts_of(block.get("elements")), 1):
        kind = text_of(element.get("type"))
        if kind.startswith("rich_text_"):
            text = "".join(_parts(element, depth - 1))
            mark = _item_mark(block, element, number) if is_list else ""
            yield _framed(kind, text, mark)
        else:
            text = inline(kind, element)
            yield text if is_code else _styled(text, dict_of(element.get("style")))


def _item_mark(block: dict[str, Any], element: dict[str, Any], number: int) -> str:
    """Return the number, bullet or checkbox of a list item."""
    indent = "    " * _whole(block.get("indent"), _MOST_INDENTED)
    style = block.get("style")
    if style == "ordered":
        return f"{indent}{_whole(block.get('offset'), 10**6) + number}. "
    if style == "checkbox" or "checked" in element:
        return f"{indent}[{'x' if element.get('checked') is True else ' '}] "
    return f"{indent}• "


def _whole(value: Any, most: int) -> int:
    number = number_of(value)
    return min(max(int(number), 0), most) if number is not None else 0


def _framed(kind: str, text: str, item_mark: str) -> str:
    if kind == "rich_text_preformatted":
        return f"```\n{text}\n```\n"
    if kind == "rich_text_quote":
        return "".join(f"> {line}\n" for line in text.splitlines())
    if item_mark:
        return f"{item_mark}{text.rstrip()}\n"
    return text if text.endswith("\n") else f"{text}\n"


def _styled(text: str, style: dict[str, Any]) -> str:
    """Add the marks of a style around a text, inside surrounding white space."""
    inner = text.strip()
    if not inner:
        return text
    before = text[: len(text) - len(text.lstrip())]
    after = text[len(text.rstrip()) :]
    for name, mark in _MARKS.items():
        if style.get(name) is True:
            inner = f"{mark}{inner}{mark}"
    return f"{before}{inner}{after}"


def inline(kind: str, element: dict[str, Any]) -> str:
    """Return an inline element as text."""
    text = escaped(text_of(element.get("text")))
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
        return escaped(text_of(element.get("fallback")))
    if kind == "color":
        return escaped(text_of(element.get("value")))
    return text
