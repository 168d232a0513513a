"""Texts with Slack's markup: escaped characters, and mentions by ID."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_GOES_ON: Final = re.compile(r"[\w-]|\.\w")
"""Matches if a name continues after the match."""
_WORD: Final = re.compile(r"\w")


def to_slack(text: str, mentioned: Mapping[str, str]) -> str:
    """Return a text in Slack's format.

    Mentions have a label, because Rocket.Chat's importer searches for the `|` of one up
    to the end of the text.

    Args:
        text: The text of the workspace. Its links and other marks remain as they are:
            Rocket.Chat reads them.
        mentioned: IDs in the export by username, of the users whom the text may
            mention. The longest matching username is used.
    """
    lengths = sorted({len(name) for name in mentioned}, reverse=True)
    parts: list[str] = []
    end = 0
    at = text.find("@") if lengths else -1
    while at >= 0:
        is_new_word = at == 0 or not _WORD.match(text[at - 1])
        for length in lengths if is_new_word else ():
            after = at + 1 + length
            user = mentioned.get(text[at + 1 : after])
            if user is not None and not _GOES_ON.match(text, after):
                parts += (
                    text[end:at].translate(_ESCAPED),
                    f"<@{user}|{text[at + 1 : after]}>",
                )
                end = after
                break
        at = text.find("@", max(end, at + 1))
    parts.append(text[end:].translate(_ESCAPED))
    return "".join(parts)
