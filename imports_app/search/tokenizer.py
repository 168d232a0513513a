"""The words of a text, as messages are found by them; the same in every database.

Words are compared without case, in all scripts (Unicode's case folding), and in one
form of each character (NFKC). Scripts without blanks between words go by pairs of
characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# Thai to Lao and Burmese, Khmer, kana, and Chinese characters.
_UNSPACED: Final = "\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_RUN: Final = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_IS_UNSPACED: Final = re.compile(f"[{_UNSPACED}]")
_PARTS: Final = re.compile(r"\S{1,500}+\s{0,500}+|\s{1,500}+")
_LONGEST_WORD: Final = 64
LONGEST_TEXT: Final = 100_000
"""Characters of a text that are read; what stands behind them is not found."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A word that a message must have, or begin a word with."""

    word: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether it is what was looked for."""

    text: str
    is_hit: bool = False


def words_of(text: str) -> set[str]:
    """Return the words by which a text is found."""
    words: set[str] = set()
    for run in _runs(text[:LONGEST_TEXT]):
        if _IS_UNSPACED.match(run):
            words.update(_pairs(run))
            words.add(run[-1])
        else:
            words.add(run[:_LONGEST_WORD])
    return words


def wanted_words(query: str, *, begins: bool = False) -> list[Wanted]:
    """Return what a text must have.

    Args:
        query: The words, in any order.
        begins: Whether words are found that only begin like these.
    """
    wanted: dict[Wanted, None] = {}
    for run in _runs(query):
        if not _IS_UNSPACED.match(run):
            wanted[Wanted(run[:_LONGEST_WORD], is_prefix=begins)] = None
        elif len(run) == 1:
            wanted[Wanted(run, is_prefix=True)] = None
        else:
            wanted.update(dict.fromkeys(map(Wanted, _pairs(run))))
    return list(wanted)


def pieces(text: str, wanted: list[Wanted]) -> Iterator[Piece]:
    """Cut a text where words begin or end that were looked for."""
    end = 0
    for match in _RUN.finditer(text):
        start = match.start()
        for part, is_hit in _parts(match[0], wanted):
            if is_hit:
                if start > end:
                    yield Piece(text[end:start])
                yield Piece(part, is_hit=True)
                end = start + len(part)
            start += len(part)
    if end < len(text):
        yield Piece(text[end:])


def _parts(run: str, wanted: list[Wanted]) -> Iterator[tuple[str, bool]]:
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
    """Return a text without case, in one form of each character.

    Normalizing sorts the accents of a character, in quadratic time: so it goes by parts
    that end between words, or in a word too long to be found as a whole.
    """
    if text.isascii():
        return text.lower()
    return "".join(map(_normalized, _PARTS.findall(text)))


def _normalized(part: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", part).casefold())


def _runs(text: str) -> list[str]:
    return _RUN.findall(_folded(text))


def _pairs(run: str) -> Iterator[str]:
    return (run[index : index + 2] for index in range(len(run) - 1))
