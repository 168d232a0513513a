"""Tokenizer of the message search, independent of the database.

Words are compared after Unicode case folding and NFKC normalization. Scripts without
spaces between words are split into pairs of characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from config.unicode import bounded_parts

# Thai to Lao and Burmese, Khmer, kana, and Chinese characters.
_UNSPACED: Final = "\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_RUN: Final = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_IS_UNSPACED: Final = re.compile(f"[{_UNSPACED}]")
_LONGEST_WORD: Final = 64
LONGEST_TEXT: Final = 100_000
"""Number of characters of a text that are indexed."""


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """Word that a message must contain, possibly as a prefix."""

    word: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class TextPart:
    """Part of a text, and whether it matches the search."""

    text: str
    is_hit: bool = False


def words_of(text: str) -> set[str]:
    """Return the words of a text."""
    words: set[str] = set()
    for run in _runs(text[:LONGEST_TEXT]):
        if _IS_UNSPACED.match(run):
            words.update(_pairs(run))
            words.add(run[-1])
        else:
            words.add(run[:_LONGEST_WORD])
    return words


def search_terms(query: str, *, begins: bool = False) -> list[SearchTerm]:
    """Return the words of a query.

    Args:
        query: Words in any order.
        begins: Whether they also match as prefixes.
    """
    wanted: dict[SearchTerm, None] = {}
    for run in _runs(query):
        if not _IS_UNSPACED.match(run):
            wanted[SearchTerm(run[:_LONGEST_WORD], is_prefix=begins)] = None
        elif len(run) == 1:
            wanted[SearchTerm(run, is_prefix=True)] = None
        else:
            wanted.update(dict.fromkeys(map(SearchTerm, _pairs(run))))
    return list(wanted)


def split_matches(text: str, wanted: list[SearchTerm]) -> Iterator[TextPart]:
    """Split a text into matching and other parts, for highlighting."""
    end = 0
    for match in _RUN.finditer(text):
        start = match.start()
        for part, is_hit in _parts(match[0], wanted):
            if is_hit:
                if start > end:
                    yield TextPart(text[end:start])
                yield TextPart(part, is_hit=True)
                end = start + len(part)
            start += len(part)
    if end < len(text):
        yield TextPart(text[end:])


def _parts(run: str, wanted: list[SearchTerm]) -> Iterator[tuple[str, bool]]:
    if _IS_UNSPACED.match(run):
        pairs = {one.word for one in wanted}
        for index, sign in enumerate(run):
            around = (run[index : index + 2], run[max(0, index - 1) : index + 1], sign)
            yield sign, not pairs.isdisjoint(around)
        return
    word = _folded(run)
    yield (
        run,
        any(
            word.startswith(one.word) if one.is_prefix else word == one.word
            for one in wanted
        ),
    )


def _folded(text: str) -> str:
    """Normalize and case-fold a text, in linear time."""
    if text.isascii():
        return text.lower()
    return "".join(map(_normalized, bounded_parts(text)))


def _normalized(part: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", part).casefold())


def _runs(text: str) -> list[str]:
    return _RUN.findall(_folded(text))


def _pairs(run: str) -> Iterator[str]:
    return (run[index : index + 2] for index in range(len(run) - 1))
