"""Parsing of e-mail addresses from import sources."""

from __future__ import annotations

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

_SEPARATORS: Final = re.compile(r"[;,\s]+")
_LONGEST: Final = 254


def addresses_of(text: str) -> tuple[str, ...]:
    """Return the e-mail addresses in a text, usually a single one."""
    if text.count("@") < 2:
        return (text,) if text else ()
    return tuple(dict.fromkeys(filter(None, _SEPARATORS.split(text))))


def is_address(text: str) -> bool:
    """Return whether a text is an e-mail address that can be stored."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= _LONGEST
