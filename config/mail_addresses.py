"""Parsing and checks of e-mail addresses."""

from __future__ import annotations

import re
from typing import Final

_SEPARATORS: Final = re.compile(r"[;,\s]+")
_MARKS: Final = re.compile(r"[;,]")
_LONGEST: Final = 254
_NOT_ALLOWED: Final = re.compile(r"[ <>,;]")
_QUOTED: Final = re.compile(r'"[^"]++"')


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
    return address_problem(text) is None


def address_problem(text: str) -> str | None:
    """Return why a text is not an e-mail address, or `None` if it is one.

    Rocket.Chat accepts any text with one @ and something on both sides, such as
    `ann@corp`. Here, spaces and separators must be quoted, and invisible characters are
    refused: they come from damaged cells, or make two addresses look the same.
    """
    if len(text) > _LONGEST:
        return f"it has more than {_LONGEST} characters"
    name, at, host = text.partition("@")
    if not at:
        return "it has no @"
    if "@" in host:
        return "it has more than one @"
    if not name or not host:
        return "the part before or after the @ is missing"
    if not text.isprintable():
        return "it has invisible characters"
    unquoted = host if _QUOTED.fullmatch(name) else text
    if _NOT_ALLOWED.search(unquoted):
        return "it has a space or one of the characters < > , ;"
    return None
