"""Conversion of Slack's markup in texts, in one pass (importers.md 3.5).

Slack escapes `&`, `<` and `>`, and writes tokens in angle brackets. Tokens are
converted first and entities decoded last, so that a literal `&lt;@U1&gt;` in a text
never becomes a mention. Some tools do not escape, so other angle brackets are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

UNKNOWN_USER: Final = "unknown-user"
UNKNOWN_ROOM: Final = "unknown-channel"
_TOKEN: Final = re.compile(
    r"""<(
        (?:
            [@#][^<>|\s]*                    # a user, a room
            | ![a-z]+(?:\^[^<>|]*)?          # @all, a user group, a date
            | [A-Za-z][A-Za-z0-9+.-]*://[^<>|]*  # a link
            | (?:mailto|tel|sms|sip|xmpp|skype|callto|facetime):[^<>|]*
            | [A-Za-z][A-Za-z0-9+.-]*:[^<>|:\s][^<>|]*(?=\|)  # rarer, with a label
        )
        (?:\|[^<>]*)?
    )>""",
    re.VERBOSE,
)
_ENTITY: Final = re.compile(r"&(amp|lt|gt);")
_ENTITIES: Final = {"amp": "&", "lt": "<", "gt": ">"}
_EMOJI: Final = re.compile(r":(simple_smile|memo|piggy|uk):")
_EMOJIS: Final = {
    "simple_smile": "smile",
    "memo": "pencil",
    "piggy": "pig",
    "uk": "gb",
}
_EVERYBODY: Final = {
    "everyone": "@all",
    "channel": "@all",
    "group": "@all",
    "here": "@here",
}
_IN_LABEL: Final = str.maketrans("[]", "()")
_IN_TARGET: Final = str.maketrans({"(": "%28", ")": "%29"})
"""Replacements for brackets in labels and parentheses in targets of links."""
_CODE: Final = re.compile(r"```|`|\n")
_REST_QUOTED: Final = re.compile(
    r"^(?:>>>|&gt;&gt;&gt;) ?(.*)", re.DOTALL | re.MULTILINE
)
_ID: Final = re.compile(r"[A-Z0-9]{2,40}")
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)


class Converted(NamedTuple):
    """Text in Rocket.Chat's format, with its mentions."""

    text: str
    users: dict[str, str]
    """For each user id the name behind the `@`."""
    rooms: dict[str, str]
    """For each room id the name behind the `#`."""


def convert_text(
    text: str,
    *,
    user_name: Callable[[str], str | None],
    room_name: Callable[[str], str | None],
) -> Converted:
    """Convert a text to Rocket.Chat's markup, and find its mentions.

    Args:
        text: The text in the export.
        user_name: Returns the username of a user ID, or `None`.
        room_name: Returns the name of a room ID, or `None`.

    Returns:
        The text, and the names after `@` and `#` by ID.
    """
    if ">>>" in text or "&gt;&gt;&gt;" in text:
        text = _REST_QUOTED.sub(_quote_rest, text)
    if "<" not in text:
        return Converted(_plain(text), {}, {})
    users: dict[str, str] = {}
    rooms: dict[str, str] = {}

    def translate(token: str, *, is_code: bool) -> str:
        target, _bar, label = token.partition("|")
        mark, rest = target[:1], target[1:]
        if mark == "@":
            name = user_name(rest) or label.removeprefix("@") or _id_of(rest)
            name = name or UNKNOWN_USER
            users[rest] = name
            return f"@{name}"
        if mark == "#":
            name = room_name(rest) or label.removeprefix("#") or _id_of(rest)
            name = name or UNKNOWN_ROOM
            rooms[rest] = name
            return f"#{name}"
        if mark == "!":
            return _special(rest, label)
        return label or target if is_code else _link(target, label)

    parts = _TOKEN.split(text)
    code = _Code() if "`" in text else None
    for index, part in enumerate(parts):
        if index % 2:
            is_code = code is not None and code.is_open
            parts[index] = translate(part, is_code=is_code)
        elif code is not None:
            code.read(part)
    return Converted("".join(map(_plain, parts)), users, rooms)


class _Code:
    """Tracker of whether a position in a text is within code."""

    def __init__(self) -> None:
        self._in_block = False
        self._in_line = False

    @property
    def is_open(self) -> bool:
        """Whether the text read so far ends within code."""
        return self._in_block or self._in_line

    def read(self, text: str) -> None:
        """Read the next part of the text."""
        for mark in _CODE.findall(text):
            if mark == "```":
                self._in_block = not self._in_block
                self._in_line = False
            elif mark == "`":
                self._in_line = not self._in_line and not self._in_block
            else:
                self._in_line = False


def _link(target: str, label: str) -> str:
    """Return a link, or a text if browsers can't open the target."""
    if _ADDRESS.match(target):
        if not label or label == target:
            return target
        return f"[{label.translate(_IN_LABEL)}]({target.translate(_IN_TARGET)})"
    shown = target.removeprefix("mailto:").removeprefix("tel:")
    is_said = not label or label == shown
    if target.startswith("tel:") and not is_said:
        is_said = _digits(label) == _digits(shown)  # the label may have blanks
    return label or shown if is_said else f"{label} ({shown})"


def _digits(number: str) -> str:
    return "".join(filter(str.isdecimal, number))


def _id_of(text: str) -> str:
    """Return the text if it is an ID, which is more useful than "unknown"."""
    return text if _ID.fullmatch(text) else ""


def _quote_rest(match: re.Match[str]) -> str:
    """Quote every line after `>>>`."""
    return "\n".join(f"> {line}" for line in match[1].split("\n"))


def decoded(text: str) -> str:
    """Decode entities, once."""
    return _ENTITY.sub(lambda match: _ENTITIES[match[1]], text)


def _plain(text: str) -> str:
    """Rename emoji and decode entities, once."""
    if ":" in text:
        text = _EMOJI.sub(lambda match: f":{_EMOJIS[match[1]]}:", text)
    return decoded(text) if "&" in text else text


def _special(name: str, label: str) -> str:
    """Convert a token that begins with `!`: @all, a user group, a date."""
    if everybody := _EVERYBODY.get(name):
        return everybody
    kind, _caret, rest = name.partition("^")
    if kind == "date":
        return label or rest.partition("^")[2].partition("^")[0]
    return label or f"@{rest.partition('^')[0] or kind}"
