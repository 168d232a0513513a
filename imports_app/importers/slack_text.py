"""Slack's marks in texts become ours, in one pass (importers.md 3.5).

Slack escapes `&`, `<` and `>`, so whatever stands in angle brackets is a token of its
own. Tokens are translated first and entities decoded last: a literal `&lt;@U1&gt;` that
somebody typed never turns into a mention.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

UNKNOWN_USER: Final = "unknown-user"
UNKNOWN_ROOM: Final = "unknown-channel"
_TOKEN: Final = re.compile(r"<([^<>]*)>")
_BRACKET: Final = re.compile(r"[<>]")
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
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)


def convert_text(
    text: str,
    *,
    user_name: Callable[[str], str | None],
    room_name: Callable[[str], str | None],
) -> tuple[str, dict[str, str]]:
    """Return a text as Rocket.Chat would have it, and whom it mentions.

    Args:
        text: As Slack exports it.
        user_name: The username of a user id, if it is known.
        room_name: The name of a room id, if it is known.

    Returns:
        The text, and for each user id in it the name that stands behind the `@`.
    """
    if "<" not in text:
        return _plain(text), {}
    mentions: dict[str, str] = {}

    def translate(token: str) -> str:
        target, _bar, label = token.partition("|")
        mark, rest = target[:1], target[1:]
        if mark == "@":
            name = user_name(rest) or label.removeprefix("@") or UNKNOWN_USER
            mentions[rest] = name
            return f"@{name}"
        if mark == "#":
            name = room_name(rest) or label.removeprefix("#") or UNKNOWN_ROOM
            return f"#{name}"
        if mark == "!":
            return _special(rest, label)
        if _ADDRESS.match(target):
            return f"[{label}]({target})" if label else target
        return label or target.removeprefix("mailto:").removeprefix("tel:")

    parts = _TOKEN.split(text)
    between = "".join(parts[::2])
    # Slack nests no tokens; where a bot did, the outer brackets mean nothing.
    if -1 < between.find("<") < between.rfind(">"):
        parts[::2] = [_BRACKET.sub("", part) for part in parts[::2]]
    parts[1::2] = map(translate, parts[1::2])
    return "".join(map(_plain, parts)), mentions


def _plain(text: str) -> str:
    """Rename emoji and decode entities, once."""
    if ":" in text:
        text = _EMOJI.sub(lambda match: f":{_EMOJIS[match[1]]}:", text)
    if "&" in text:
        text = _ENTITY.sub(lambda match: _ENTITIES[match[1]], text)
    return text


def _special(name: str, label: str) -> str:
    """Translate what begins with `!`: everybody, a group of people, a date."""
    if everybody := _EVERYBODY.get(name):
        return everybody
    kind, _caret, rest = name.partition("^")
    if kind == "date":
        return label or rest.partition("^")[2].partition("^")[0]
    return label or f"@{rest.partition('^')[0] or kind}"
