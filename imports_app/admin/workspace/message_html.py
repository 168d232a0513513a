"""Render a message's text as safe HTML with basic Markdown.

The whole text is escaped, only known tags are added, and links are limited to http and
https. Line breaks are kept; the page's style sheet shows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from imports_app.admin.workspace.emoji_names import show_emoji
from imports_app.search.tokenizer import LONGEST_TEXT, Piece, Wanted, pieces

_FENCE: Final = "```"
_LANGUAGE: Final = re.compile(r"[ \t]*+(?:[\w+-]++[ \t]*+(?=\n))?+\n?+")
"""Language name between a fence and its code."""
_QUOTE: Final = re.compile(r"^> ?(.*)$", re.MULTILINE)
_LONGEST: Final = 300
"""Maximum characters between two marks, so that matching stays fast."""


def _delimited(mark: str, name: str) -> str:
    """Return a pattern for text between two equal marks in one line."""
    sign = re.escape(mark[0])
    end = re.escape(mark)
    return (
        rf"(?<![\w{sign}]){end}(?![\s{sign}])"
        rf"(?P<{name}>[^\n]{{1,{_LONGEST}}}?)(?<!\s){end}(?![\w{sign}])"
    )


_MARKS: Final = re.compile(
    "|".join(
        (
            rf"`(?P<code>[^`\n]{{1,{_LONGEST}}})`",
            r"\[(?P<label>[^\[\]\n]{1,300})\]\((?P<href>https?://[^\s<>\"']{1,2000}?)\)",
            r"(?P<url>https?://[^\s<>\"'`]{1,2000})",
            _delimited("**", "strong"),
            _delimited("*", "bold"),
            _delimited("_", "italic"),
            _delimited("~~", "struck"),
            _delimited("~", "strike"),
            r"(?<![\w@.])(?P<mention>@[\w][\w.-]{0,100})",
        )
    ),
    re.IGNORECASE,
)
_TAGS: Final = {
    "strong": "strong",
    "bold": "strong",
    "italic": "em",
    "struck": "s",
    "strike": "s",
}
_DEEPEST: Final = 4
_EXCERPT: Final = 400
_BEFORE: Final = 80
"""Maximum characters of an excerpt and of the text before its first hit."""
_AFTER_URL: Final = ".,;:!?*_~"


def render_text(text: str) -> SafeString:
    """Render a text as HTML."""
    return mark_safe("".join(_blocks(text)))  # noqa: S308 - each part is escaped


def _blocks(text: str) -> Iterator[str]:
    end = 0
    for start, code, next_end in _code_blocks(text):
        yield _quoted(text[end:start].removesuffix("\n"))
        yield f"<pre><code>{escape(code)}</code></pre>"
        end = next_end
    yield _quoted(text[end:].removeprefix("\n") if end else text)


def _code_blocks(text: str) -> Iterator[tuple[int, str, int]]:
    """Yield the start, code and end of each code block.

    A regular expression would take quadratic time on many unclosed fences.
    """
    end = 0
    while (start := text.find(_FENCE, end)) >= 0:
        language = _LANGUAGE.match(text, start + len(_FENCE))
        first = language.end() if language else start + len(_FENCE)
        if (last := text.find(_FENCE, first)) < 0:
            return
        end = last + len(_FENCE)
        yield start, text[first:last].removesuffix("\n"), end


def _quoted(text: str) -> str:
    """Render lines; those that start with `>` become quotes."""
    lines: list[str] = []
    parts: list[str] = []
    for line in text.split("\n"):
        quote = _QUOTE.fullmatch(line)
        if quote is None:
            lines.append(_inline(line))
            continue
        if lines:
            parts.append("\n".join(lines))
            lines = []
        parts.append(f"<blockquote>{_inline(quote[1])}</blockquote>")
    if lines:
        parts.append("\n".join(lines))
    return "".join(parts)


def _inline(text: str, depth: int = _DEEPEST) -> str:
    parts: list[str] = []
    end = 0
    for match in _MARKS.finditer(text):
        parts += (_plain(text[end : match.start()]), _marked(match, depth))
        end = match.end()
    parts.append(_plain(text[end:]))
    return "".join(parts)


def _plain(text: str) -> str:
    return escape(show_emoji(text))


def _marked(match: re.Match[str], depth: int) -> str:
    name = match.lastgroup or ""
    if name in _TAGS:
        if depth == 0:
            return escape(match[0])
        tag = _TAGS[name]
        return f"<{tag}>{_inline(match[name], depth - 1)}</{tag}>"
    return _PLAIN[name](match)


def _link(href: str, label: str) -> str:
    return (
        f'<a href="{escape(href)}" target="_blank"'
        f' rel="noopener noreferrer nofollow">{escape(label)}</a>'
    )


def _bare_link(match: re.Match[str]) -> str:
    """Render a URL as a link, without trailing punctuation."""
    url = match[0].rstrip(_AFTER_URL)
    if url.endswith(")") and url.count("(") < url.count(")"):
        url = url[:-1]
    return _link(url, url) + escape(match[0][len(url) :])


_PLAIN: Final[dict[str, Callable[[re.Match[str]], str]]] = {
    "code": lambda match: f"<code>{escape(match['code'])}</code>",
    "href": lambda match: _link(match["href"], match["label"]),
    "url": _bare_link,
    "mention": lambda match: f'<b class="mention">{escape(match[0])}</b>',
}


def render_hits(text: str, wanted: list[Wanted]) -> SafeString:
    """Render an excerpt around the first hit as plain text with marked hits."""
    parts = list(pieces(text[:LONGEST_TEXT], wanted))
    if len(parts) > 1 and not parts[0].is_hit and len(parts[0].text) > _BEFORE:
        parts[0] = Piece(f"…{parts[0].text[-_BEFORE:]}")
    return mark_safe("".join(_excerpt(parts)))  # noqa: S308 - each part is escaped


def _excerpt(parts: list[Piece]) -> Iterator[str]:
    room = _EXCERPT
    for part in parts:
        shown = escape(part.text[:room])
        yield f"<mark>{shown}</mark>" if part.is_hit else shown
        room -= len(part.text)
        if room <= 0:
            if room < 0:
                yield "…"
            return
