"""Detection of a table's encoding and delimiter.

Plain CSV in UTF-8 is detected by a fast check. Only for other files, clevercsv and
charset-normalizer get a bounded sample.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

SAMPLE_BYTES: Final = 64 * 1024
_LINES: Final = 20
"""Maximum number of lines that are checked for the delimiter."""
_USUAL: Final = 0.7
"""Required share of lines that contain the delimiter."""
_LONGEST_SAMPLE: Final = 8_000
"""Maximum characters for clevercsv, whose run time grows faster than the text."""
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
"""Quoted cell, which may span several lines."""
_CUT: Final = re.compile(r'(?<![^,;\t|\r\n])"(?:[^"]|"")*+$')
"""Quoted cell that has no end, because the sample ends before it."""
_LATIN: Final = frozenset("ŒœŠšŽžŸ")
_APOSTROPHE: Final = "\u2019"
_PUNCTUATION: Final = frozenset(
    f"\u2018{_APOSTROPHE}\u201a\u201c\u201d\u201e\u2013\u2014\u2026\u20ac\u00ab\u00bb"
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """Encoding, delimiter and quote of a file."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    has_separator_line: bool = False
    """Whether the first line is Excel's `sep=;`, which is not a row."""
    guesses: tuple[tuple[str, str], ...] = ()
    """Code and message of each guess."""


def detect_dialect(
    sample: bytes, *, delimiter: str = "", encoding: str = ""
) -> Dialect:
    """Detect the dialect of a file by its first `SAMPLE_BYTES`.

    Args:
        sample: The first bytes of the file.
        delimiter: The delimiter, if it was given.
        encoding: The encoding, if it was given.
    """
    is_said = bool(encoding)
    encoding = encoding or encoding_of(sample)
    guesses = []
    if encoding in _ENCODINGS and not is_said:
        guesses.append(
            (
                "importer-encoding",
                f"The file is not in UTF-8 and was read as {_ENCODINGS[encoding]}."
                " Check its special characters, or save it in UTF-8.",
            )
        )
    text = sample.decode(encoding, "replace").removeprefix("\ufeff")
    lines = [line for line in _logical_lines(text) if line.strip()][:_LINES]
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
    delimiter = _delimiter_of(_without_quoted_cells(lines))
    if delimiter != ",":
        guesses.append(
            (
                "importer-delimiter",
                f"The columns were read as separated by {_DELIMITERS[delimiter]}. If"
                " this is wrong, choose the delimiter.",
            )
        )
    return Dialect(delimiter, quote, encoding, guesses=tuple(guesses))


def _logical_lines(text: str) -> list[str]:
    """Return the lines of a text, with each quoted cell in one line."""
    if '"' in text:
        text = _QUOTED.sub(lambda cell: cell[0].replace("\n", " "), text)
    return text.splitlines()


def _without_quoted_cells(lines: list[str]) -> list[str]:
    """Return the lines without cells that may contain other delimiters."""
    bare = [_QUOTED.sub("", line) for line in lines]
    return [*bare[:-1], *(_CUT.sub("", line) for line in bare[-1:])]


def encoding_of(head: bytes) -> str:
    """Detect the encoding of a file by its first bytes.

    UTF-16 has a byte order mark, or NUL in every other byte. A file without valid UTF-8
    sequences is read in a single-byte encoding.
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
    """Return whether a file is in UTF-8, possibly with lines in another encoding.

    Multi-byte sequences of UTF-8 do not occur in texts in single-byte encodings.
    """
    if sample.isascii():
        return True
    text = sample.decode("utf-8", "surrogateescape")
    return any(char > "\x7f" and not "\ud800" <= char <= "\udfff" for char in text)


def _single_byte_encoding_of(sample: bytes) -> str:
    texts = {name: sample.decode(name, "replace") for name in _ENCODINGS}
    scores = {name: _score(text) for name, text in texts.items()}
    if scores["mac_roman"] != scores["cp1252"]:
        return max(scores, key=lambda name: scores[name])
    if _CONTRACTION.search(texts["cp1252"]):
        return "cp1252"
    # Capitals with accents are rare, so small letters decide between equal scores.
    small = {name: _small(text) for name, text in texts.items()}
    if small["mac_roman"] < small["cp1252"]:
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(_ENCODINGS)).best()
    return best.encoding if best is not None else "cp1252"


def _small(text: str) -> int:
    """Return the number of small letters beyond ASCII."""
    return sum(char > "\x7f" and char.islower() for char in text)


def _score(text: str) -> int:
    """Return the number of plausible non-ASCII characters minus implausible ones."""
    places = zip(f" {text}", text, f"{text[1:]} ", strict=False)
    return sum(
        1 if _is_plausible(before, char, after) else -1
        for before, char, after in places
        if char > "\x7f"
    )


def _is_plausible(before: str, char: str, after: str) -> bool:
    """Return whether a character is plausible as a letter or as punctuation.

    Capitals do not follow small letters within a word, and letters rarely stand alone.
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
    """Detect the delimiter: a comma, unless nearly all lines have another one.

    Cells over several lines, and short rows, have lines without a delimiter.
    """
    usual = [
        mark
        for mark in _DELIMITERS
        if lines and sum(mark in line for line in lines) >= _USUAL * len(lines)
    ]
    if len(usual) < 2:
        return usual[0] if usual else ","
    # Imported here because it is slow to import and rarely needed.
    from clevercsv import Detector
    from clevercsv.exceptions import Error

    sample = "\n".join(lines).replace("\0", "")[:_LONGEST_SAMPLE]
    try:
        found = Detector().detect(sample, delimiters=usual)
    except Error:  # fall back to commas
        return usual[0]
    return found.delimiter if found and found.delimiter in usual else usual[0]


def _quote_of(line: str) -> str:
    return "'" if _SINGLE_QUOTED.fullmatch(line) else '"'
