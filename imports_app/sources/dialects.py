"""How a file of a table is written: its encoding, and what separates its columns.

Files that are plainly CSV in UTF-8 are known at a glance. Only others are handed to
clevercsv and charset-normalizer, with a bounded sample.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

SAMPLE_BYTES: Final = 64 * 1024
_LINES: Final = 20
"""Lines that are looked at for the separator."""
_USUAL: Final = 0.7
"""The share of lines that have what separates columns."""
_LONGEST_SAMPLE: Final = 8_000
"""Characters that clevercsv gets; its time grows faster than they do."""
_DELIMITERS: Final = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "vertical bars",
}
_CONTRACTION: Final = re.compile("\\bI\u2019|n\u2019t\\b|\u2019(?:ll|re|ve)\\b")
"""What Windows-1252 writes with a byte that is a letter, \u00ed, in Mac Roman."""
_ENCODINGS: Final = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman"}
_SEPARATOR: Final = re.compile(r'"?sep=([,;\t|])"?')
_SINGLE_QUOTED: Final = re.compile(r"'[^']*+'(?:[,;\t|]'[^']*+')++")
_QUOTED: Final = re.compile(r'(?<![^,;\t|\r\n])"(?:[^"]|"")*+"(?=[,;\t|\r\n]|$)')
"""A cell in quotes, which may go over several lines."""
_LATIN: Final = frozenset("ŒœŠšŽžŸ")
_APOSTROPHE: Final = "\u2019"
_PUNCTUATION: Final = frozenset(
    f"\u2018{_APOSTROPHE}\u201a\u201c\u201d\u201e\u2013\u2014\u2026\u20ac\u00ab\u00bb"
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    has_separator_line: bool = False
    """Whether the first line is Excel's `sep=;` and no row."""
    guesses: tuple[tuple[str, str], ...] = ()
    """A code and a sentence for all that was guessed."""


def detect_dialect(
    sample: bytes, *, delimiter: str = "", encoding: str = ""
) -> Dialect:
    """Return how a file is written, by its first `SAMPLE_BYTES`.

    Args:
        sample: The beginning of the file.
        delimiter: What separates columns, if somebody said it.
        encoding: The file's encoding, if somebody said it.
    """
    is_said = bool(encoding)
    encoding = encoding or encoding_of(sample)
    guesses = []
    if encoding in _ENCODINGS and not is_said:
        guesses.append(
            (
                "importer-encoding",
                f"The file is not in UTF-8 and was read as {_ENCODINGS[encoding]}."
                " Check its letters, or save it in UTF-8.",
            )
        )
    text = sample.decode(encoding, "replace").removeprefix("\ufeff")
    lines = [line for line in _unwrapped(text) if line.strip()][:_LINES]
    first = lines[0] if lines else ""
    if (named := _SEPARATOR.fullmatch(first)) is not None:
        return Dialect(
            named[1],
            _quote_of(lines[1] if len(lines) > 1 else ""),
            encoding,
            has_separator_line=True,
            guesses=tuple(guesses),
        )
    quote = _quote_of(first)
    if delimiter:
        return Dialect(delimiter, quote, encoding, guesses=tuple(guesses))
    delimiter = _delimiter_of(lines)
    if delimiter != ",":
        guesses.append(
            (
                "importer-delimiter",
                f"The columns seem to be separated by {_DELIMITERS[delimiter]}, and"
                " were read so.",
            )
        )
    return Dialect(delimiter, quote, encoding, guesses=tuple(guesses))


def _unwrapped(text: str) -> list[str]:
    """Return the lines of a text; a cell in quotes is part of one line."""
    if '"' in text:
        text = _QUOTED.sub(lambda cell: cell[0].replace("\n", " "), text)
    return text.splitlines()


def encoding_of(head: bytes) -> str:
    """Return the encoding of a file by its first bytes.

    UTF-16 has a mark, or a NUL in every other byte. A file without a letter in UTF-8 is
    in Windows-1252 or Mac Roman.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    pairs = len(head) // 2
    if pairs >= 4:
        if head[1::2].count(0) > pairs * 0.7 and head[::2].count(0) < pairs * 0.1:
            return "utf-16-le"
        if head[::2].count(0) > pairs * 0.7 and head[1::2].count(0) < pairs * 0.1:
            return "utf-16-be"
    return "utf-8" if _has_utf8(head) else _single_byte_encoding_of(head)


def _has_utf8(sample: bytes) -> bool:
    """Tell whether a file is in UTF-8, perhaps with lines of another encoding.

    Letters of UTF-8 are sequences that no text in a single-byte encoding has.
    """
    if sample.isascii():
        return True
    text = sample.decode("utf-8", "surrogateescape")
    return any(char > "\x7f" and not "\ud800" <= char <= "\udfff" for char in text)


def _single_byte_encoding_of(sample: bytes) -> str:
    scores = {name: _score(sample.decode(name, "replace")) for name in _ENCODINGS}
    if scores["mac_roman"] != scores["cp1252"]:
        return max(scores, key=lambda name: scores[name])
    if _CONTRACTION.search(sample.decode("cp1252", "replace")):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(_ENCODINGS)).best()
    return best.encoding if best is not None else "cp1252"


def _score(text: str) -> int:
    """Count the characters beyond ASCII that make sense, less those that do not."""
    places = zip(f" {text}", text, f"{text[1:]} ", strict=False)
    return sum(
        1 if _makes_sense(before, char, after) else -1
        for before, char, after in places
        if char > "\x7f"
    )


def _makes_sense(before: str, char: str, after: str) -> bool:
    """Tell whether a character is a letter of a word, or punctuation between words.

    No capital follows a small letter or begins in a word, and few letters stand alone.
    """
    if char in _PUNCTUATION:
        return char == _APOSTROPHE or not (before.islower() and after.islower())
    if not ("\u00c0" <= char <= "\u00ff" or char in _LATIN):
        return False
    if char.isupper():
        is_odd = before.islower() or (before.isalpha() and after.islower())
    else:
        is_odd = after.isupper()
    return not is_odd and (before.isalpha() or after.isalpha())


def _delimiter_of(lines: list[str]) -> str:
    """Return what separates columns; commas, unless something else does nearly always.

    A cell over several lines, or a short row, has lines without a separator.
    """
    usual = [
        mark
        for mark in _DELIMITERS
        if lines and sum(mark in line for line in lines) >= _USUAL * len(lines)
    ]
    if len(usual) < 2:
        return usual[0] if usual else ","
    # Slow to import, and rarely needed.
    from clevercsv import Detector
    from clevercsv.exceptions import Error

    sample = "\n".join(lines).replace("\0", "")[:_LONGEST_SAMPLE]
    try:
        found = Detector().detect(sample, delimiters=usual)
    except Error:  # no file is so odd that nothing of it is read
        return usual[0]
    return found.delimiter if found and found.delimiter in usual else usual[0]


def _quote_of(line: str) -> str:
    return "'" if _SINGLE_QUOTED.fullmatch(line) else '"'
