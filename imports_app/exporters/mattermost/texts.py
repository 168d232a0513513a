"""Texts in Mattermost's Markdown, in one pass."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_TOKEN: Final = re.compile(
    r"```|`|\n|\*+|~+|https?://[^\s()<>]*|(?<!\w)[@#][\w.-]+", re.IGNORECASE
)
_MARKS: Final = frozenset("*~")
_NEAR: Final = 100
"""Characters before the limit in which a long text is cut at a space."""


def clean(text: str) -> str:
    """Return a text without characters that Mattermost's database rejects."""
    return text.encode("utf-8", "ignore").decode().replace("\0", "")


def shorten(text: str, length: int) -> str:
    """Return a text on one line of at most this many characters."""
    return " ".join(clean(text).split())[:length].rstrip()


def to_markdown(text: str, names: Mapping[str, str]) -> str:
    """Return a text as Mattermost's Markdown.

    `*bold*` gets two stars and `~struck~` two tildes; code and addresses remain as they
    are.

    Args:
        text: The text of the workspace.
        names: What to write for mentions, such as `~general` for `#general`.
    """
    parts: list[str] = []
    open_at: dict[str, int] = {}  # index of the part that may start marked text
    end = 0
    line_end = -1
    has_blocks = True
    while token := _TOKEN.search(text, end):
        start, end = token.span()
        parts.append(text[token.pos : start])
        word = token[0]
        if word == "```" and has_blocks:
            close = text.find(word, end)
            has_blocks = close >= 0
            if has_blocks:
                end = close + len(word)
                open_at.clear()
        elif word == "`":
            if line_end < end:
                line_end = _find(text, "\n", end)
            close = _find(text, word, end)
            end = close + 1 if close < line_end else end
        elif word == "\n":
            open_at.clear()
        elif word in _MARKS:
            before, after = text[start - 1 : start], text[end : end + 1]
            first = open_at.pop(word, None)
            if first is not None and not before.isspace() and not _is_word(after):
                parts[first] = word * 2
                parts.append(word * 2)
                continue
            if after.strip() and not _is_word(before):
                open_at[word] = len(parts)
            elif first is not None:
                open_at[word] = first
        elif word[0] in "@#":
            name = word if word in names else word.rstrip(".-")
            end = start + len(name)
            parts.append(names.get(name, name))
            continue
        elif word[0] in "hH":
            end = start + len(word.rstrip("*~_"))
        parts.append(text[start:end])
    parts.append(text[end:])
    return "".join(parts)


def _find(text: str, character: str, start: int) -> int:
    """Return the position of a character, or the end of the text."""
    position = text.find(character, start)
    return len(text) if position < 0 else position


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def split(text: str, length: int) -> list[str]:
    """Split a text into parts of at most this many characters."""
    parts = []
    start = 0
    while len(text) - start > length:
        limit = start + length
        cut = text.rfind("\n", limit - _NEAR, limit)
        if cut <= start:
            cut = text.rfind(" ", limit - _NEAR, limit)
        if cut <= start:
            parts.append(text[start:limit])
            start = limit
        else:
            parts.append(text[start:cut])
            start = cut + 1
    parts.append(text[start:])
    return parts
