"""Render a message's text as safe HTML with Rocket.Chat's Markdown.

Blocks and marks are those of its message parser (`packages/message-parser`). Without
mentioned rooms and users at hand, every `@name` and `#name` is marked.

The whole text is escaped, only known tags are added, and links are limited to http and
https. Line breaks are kept; the page's style sheet shows them. Images are links, so
that no other server is contacted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape
from itertools import groupby
from typing import Final

from imports_app.markdown.emoji_names import show_emoji

_FENCE: Final = "```"
_LANGUAGE: Final = re.compile(r"[ \t]*+(?:[\w+-]++[ \t]*+(?=\n))?+\n?+")
"""Language name between a fence and its code."""
_HEADING: Final = re.compile(r"#{1,4}[ \t]++(?P<heading>\S.*)")
_ITEM: Final = re.compile(
    r"(?:(?P<sign>[-*])|(?P<number>[0-9]{1,9})\.)[ \t]++"
    r"(?:(?<=-[ \t])\[(?P<flag>[ x])\][ \t]++)?(?P<text>\S.*)"
)
_TASK_SIGNS: Final = {"x": "☑ ", " ": "☐ "}
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
            r"\\(?P<escaped>[*_~`#.])",
            rf"`(?P<code>[^`\n]{{1,{_LONGEST}}})`",
            r"!?\[(?P<label>[^\[\]\n]{0,300})\]"
            r"\((?P<href>https?://[^\s<>\"']{1,2000}?)\)",
            r"<(?P<target>https?://[^\s<>|\"']{1,2000})\|(?P<title>[^<>|\n]{1,300})>",
            r"(?P<url>https?://[^\s<>\"'`]{1,2000})",
            _delimited("**", "strong"),
            _delimited("*", "bold"),
            _delimited("__", "slanted"),
            _delimited("_", "italic"),
            _delimited("~~", "struck"),
            _delimited("~", "strike"),
            r"(?<![\w@.])(?P<mention>@[\w][\w.-]{0,100})",
            r"(?<![\w#&/])(?P<channel>#[^\W\d_][\w.-]{0,100})",
        )
    ),
    re.IGNORECASE,
)
_HAS_MARKS: Final = re.compile(r"[\\*_~`\[<@#]|://")
"""Matches in texts that may have marks; most have none, and need no further search."""
_TAGS: Final = {
    "strong": "strong",
    "bold": "strong",
    "slanted": "em",
    "italic": "em",
    "struck": "s",
    "strike": "s",
}
_DEEPEST: Final = 4
_AFTER_URL: Final = ".,;:!?*_~"


def render_html(text: str) -> str:
    """Render a text as safe HTML."""
    return "".join(_blocks(text))


def _blocks(text: str) -> Iterator[str]:
    end = 0
    for start, code, next_end in _code_blocks(text):
        yield _lines(text[end:start].removesuffix("\n"))
        yield f"<pre><code>{escape(code)}</code></pre>"
        end = next_end
    yield _lines(text[end:].removeprefix("\n") if end else text)


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


def _lines(text: str) -> str:
    """Render lines. Adjacent lines of the same kind become one block."""
    kinds = ((_kind_of(line), line) for line in text.split("\n"))
    blocks = groupby(kinds, key=lambda pair: pair[0])
    return "".join(
        _RENDERERS[kind](line for _kind, line in lines) for kind, lines in blocks
    )


def _kind_of(line: str) -> str:
    """Return the kind of block that a line belongs to."""
    if line.startswith(">"):
        return "quote"
    if _HEADING.fullmatch(line):
        return "heading"
    item = _ITEM.fullmatch(line)
    if item is None or (item["sign"] == "*" and item["text"].count("*") % 2):
        return "text"
    return "numbers" if item["number"] else f"items {item['sign']}"


def _quote(lines: Iterable[str]) -> str:
    quoted = "\n".join(_inline(line[1:].lstrip(" \t")) for line in lines)
    return f"<blockquote>{quoted}</blockquote>"


def _headings(lines: Iterable[str]) -> str:
    matches = filter(None, map(_HEADING.fullmatch, lines))
    return "".join(
        f'<b class="heading">{escape(match["heading"])}</b>' for match in matches
    )


def _numbered(lines: Iterable[str]) -> str:
    matches = filter(None, map(_ITEM.fullmatch, lines))
    items = (
        f'<li value="{int(match["number"])}">{_inline(match["text"])}</li>'
        for match in matches
    )
    return f"<ol>{''.join(items)}</ol>"


def _items(lines: Iterable[str]) -> str:
    matches = filter(None, map(_ITEM.fullmatch, lines))
    items = (
        f"<li>{_TASK_SIGNS.get(match['flag'], '')}{_inline(match['text'])}</li>"
        for match in matches
    )
    return f"<ul>{''.join(items)}</ul>"


_RENDERERS: Final[dict[str, Callable[[Iterable[str]], str]]] = {
    "quote": _quote,
    "heading": _headings,
    "numbers": _numbered,
    "items -": _items,
    "items *": _items,
    "text": lambda lines: "\n".join(map(_inline, lines)),
}


def _inline(text: str, depth: int = _DEEPEST) -> str:
    if _HAS_MARKS.search(text) is None:
        return _plain(text)
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
        f' rel="noopener noreferrer nofollow">{escape(label.strip() or href)}</a>'
    )


def _bare_link(match: re.Match[str]) -> str:
    """Render a URL as a link, without trailing punctuation."""
    url = match[0].rstrip(_AFTER_URL)
    if url.endswith(")") and url.count("(") < url.count(")"):
        url = url[:-1]
    return _link(url, url) + escape(match[0][len(url) :])


def _mention(match: re.Match[str]) -> str:
    return f'<b class="mention">{escape(match[0])}</b>'


_PLAIN: Final[dict[str, Callable[[re.Match[str]], str]]] = {
    "code": lambda match: f"<code>{escape(match['code'])}</code>",
    "href": lambda match: _link(match["href"], match["label"]),
    "url": _bare_link,
    "title": lambda match: _link(match["target"], match["title"]),
    "escaped": lambda match: match["escaped"],
    "mention": _mention,
    "channel": _mention,
}
