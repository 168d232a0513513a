"""Unicode normalization in linear time.

Normalization sorts the combining marks of a character in quadratic time. Therefore
texts are processed in parts that end between words, or within overlong words.
"""

from __future__ import annotations

import re
from typing import Final, Literal
from unicodedata import normalize

_PARTS: Final = re.compile(r"\S{1,500}+\s{0,500}+|\s{1,500}+")


def bounded_parts(text: str) -> list[str]:
    """Return a text in parts that are small enough for normalization."""
    return _PARTS.findall(text)


def normalized(form: Literal["NFC", "NFKC"], text: str) -> str:
    """Return a text in a normal form.

    Words of more than 500 characters are processed in parts.
    """
    if text.isascii():
        return text
    return "".join(normalize(form, part) for part in bounded_parts(text))
