"""What importers count, in words for people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from config.admin_cells import grouped

_NAMES: Final[dict[str, Any]] = {
    "users": _("Users"),
    "bots": _("Of the users, bots"),
    "users listed again": _("Users listed more than once"),
    "users without e-mail address": _("Users without an e-mail address"),
    "rooms in channels.json": _("Public channels"),
    "rooms in groups.json": _("Private channels"),
    "rooms in mpims.json": _("Conversations of several"),
    "rooms in dms.json": _("Conversations of two"),
    "rooms without folder": _("Rooms without messages"),
    "rooms without messages": _("Rooms without messages"),
    "messages": _("Messages"),
    "messages in folders without a room": _("Messages in folders that no room has"),
    "messages read as text": _("Messages of an unknown sort, read as text"),
    "files to download": _("Attached files, to be downloaded"),
    "files in the archive": _("Attached files in the archive"),
    "links to files elsewhere": _("Links to files elsewhere"),
    "files": _("Files in the archive"),
    "files of days": _("Files with a day's messages"),
    "bytes unpacked": _("Size, unpacked"),
    "others": _("Others"),
    "messages left out": _("Messages of a sort that has no place here"),
    "files that Slack does not have any more": _(
        "Files that Slack does not have any more"
    ),
}
"""In the order in which people read them."""
_ORDER: Final = list(_NAMES)
SIZES: Final = frozenset({"bytes unpacked"})
"""Facts that are bytes."""
_LEFT_OUT: Final = ("messages left out", "files that Slack does not have any more")
_DETAILED: Final = re.compile(r"(.+?)(?: \((.*)\))?", re.DOTALL)
"""A fact, and in brackets what the source calls it."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of one sort will not come over."""

    name: str
    number: int
    parts: tuple[tuple[str, str], ...]
    """What the number is made of, if the source tells sorts apart."""


def fact_name(fact: str) -> str:
    """Return what people call a fact; one that nobody named is told as it is."""
    name, detail = _parts(fact)
    shown = str(_NAMES.get(name, name))
    return f"{shown}: {detail}" if detail else shown


def has_name(fact: str) -> bool:
    """Tell whether people have a name for it."""
    return _parts(fact)[0] in _NAMES


def in_order(facts: Iterable[str]) -> list[str]:
    """Return the facts that say what was found, as people read them."""

    def place(fact: str) -> int:
        name = _parts(fact)[0]
        return _ORDER.index(name) if name in _NAMES else len(_ORDER)

    found = (fact for fact in facts if _parts(fact)[0] not in _LEFT_OUT)
    return sorted(found, key=place)


def left_out(facts: dict[str, int]) -> list[LeftOut]:
    """Return what will not come over, with its sorts together."""
    gathered: dict[str, list[tuple[str | None, int]]] = {}
    for fact, number in facts.items():
        name, detail = _parts(fact)
        if name in _LEFT_OUT:
            gathered.setdefault(name, []).append((detail, number))
    return [
        LeftOut(
            name=str(_NAMES[name]),
            number=sum(number for _detail, number in counted),
            parts=tuple(
                (detail, grouped(number)) for detail, number in counted if detail
            ),
        )
        for name, counted in gathered.items()
    ]


def _parts(fact: str) -> tuple[str, str | None]:
    match = _DETAILED.fullmatch(fact)
    return (match[1], match[2]) if match else (fact, None)
