"""HTML of message texts and of excerpts with marked search hits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from imports_app.markdown.html import render_html
from imports_app.search.tokenizer import (
    LONGEST_TEXT,
    SearchTerm,
    TextPart,
    split_matches,
)

_EXCERPT: Final = 400
_BEFORE: Final = 80
"""Maximum characters of an excerpt and of the text before its first hit."""


def render_text(text: str) -> SafeString:
    """Render a text as HTML."""
    return mark_safe(render_html(text))  # noqa: S308 - each part is escaped


def render_hits(text: str, wanted: list[SearchTerm]) -> SafeString:
    """Render an excerpt around the first hit as plain text with marked hits."""
    parts = list(split_matches(text[:LONGEST_TEXT], wanted))
    if len(parts) > 1 and not parts[0].is_hit and len(parts[0].text) > _BEFORE:
        parts[0] = TextPart(f"…{parts[0].text[-_BEFORE:]}")
    return mark_safe("".join(_excerpt(parts)))  # noqa: S308 - each part is escaped


def _excerpt(parts: list[TextPart]) -> Iterator[str]:
    room = _EXCERPT
    for part in parts:
        shown = escape(part.text[:room])
        yield f"<mark>{shown}</mark>" if part.is_hit else shown
        room -= len(part.text)
        if room <= 0:
            if room < 0:
                yield "…"
            return
