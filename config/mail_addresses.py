"""Parsing of e-mail addresses from import sources."""

from __future__ import annotations

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

_SEPARATORS: Final = re.compile(r"[;,\s]+")
_MARKS: Final = re.compile(r"[;,]")
_LONGEST: Final = 254


def addresses_of(text: str) -> tuple[str, ...]:
    """Return the e-mail addresses in a text, usually a single one.

    Words between them, as in `ann@example.org; none`, are returned as well, but not as
    the first one: it identifies a person.
    """
    if "@" not in text:
        return (text,) if text else ()
    if text.count("@") > 1:
        return tuple(dict.fromkeys(filter(None, _SEPARATORS.split(text))))
    parts = filter(None, map(str.strip, _MARKS.split(text)))
    return tuple(sorted(dict.fromkeys(parts), key=lambda part: "@" not in part))


def is_address(text: str) -> bool:
    """Return whether a text is an e-mail address that can be stored."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= _LONGEST
