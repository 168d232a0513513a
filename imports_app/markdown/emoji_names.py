"""Short names of emoji, such as `:tada:`, as characters.

Messages keep the names, as in Rocket.Chat; only the pages show characters.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from emoji import emojize

_NAME: Final = re.compile(r":[a-z0-9_+-]{1,60}:")
_TONE: Final = re.compile(r":skin-tone-([2-6]):")
_FLAG: Final = re.compile(r":flag-([a-z])([a-z]):")
_FIRST_TONE: Final = 0x1F3FB
_FIRST_REGIONAL_INDICATOR: Final = 0x1F1E6


def show_emoji(text: str) -> str:
    """Return a text with emoji in place of their names; unknown names are kept."""
    if text.count(":") < 2:
        return text
    return _NAME.sub(lambda match: _emoji_of(match[0]), text)


@lru_cache(maxsize=1000)
def _emoji_of(name: str) -> str:
    if tone := _TONE.fullmatch(name):
        return chr(_FIRST_TONE + int(tone[1]) - 2)
    if flag := _FLAG.fullmatch(name):
        return "".join(
            chr(_FIRST_REGIONAL_INDICATOR + ord(letter) - ord("a"))
            for letter in flag.groups()
        )
    for spelling in (name, name.replace("-", "_")):
        if (shown := emojize(spelling, language="alias")) != spelling:
            return shown
    return name
