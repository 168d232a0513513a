"""What importers count, in words for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _

_NAMES: Final[dict[str, Any]] = {
    "users": _("Users"),
    "bots": _("Of the users, bots"),
    "users without e-mail address": _("Users without an e-mail address"),
    "guests": _("Of the users, guests"),
    "invited users": _("Of the users, invited ones who never joined"),
    "deactivated users": _("Of the users, deactivated ones"),
    "users of other organisations": _("Of the users, people of other organisations"),
    "users listed again": _("Users listed more than once"),
    "contacts": _("Contacts"),
    "workspaces": _("Workspaces of the organisation"),
    "rooms": _("Rooms"),
    "public channels": _("Of the rooms, public channels"),
    "private channels": _("Of the rooms, private channels"),
    "direct messages": _("Of the rooms, direct messages"),
    "rooms without folder": _("Rooms without messages"),
    "rooms without messages": _("Rooms without messages"),
    "rooms without a readable creation time": _(
        "Rooms whose creation time can't be read"
    ),
    "messages": _("Messages"),
    "messages read as text": _("Messages of an unknown sort, read as text"),
    "messages in folders without a room": _("Messages in folders that no room has"),
    "messages in files that are not read": _("Messages in files that are not read"),
    "reactions without names": _("Reactions whose users are not named"),
    "files to download": _("Attached files, to be downloaded"),
    "files in the archive": _("Attached files in the archive"),
    "links to files elsewhere": _("Links to files elsewhere"),
    "files": _("Files in the archive"),
    "sheets": _("Sheets of the workbook"),
    "files of days": _("Files with a day's messages"),
    "bytes unpacked": _("Size, unpacked"),
    "others": _("Others"),
}
"""In the order in which people read them."""
_ORDER: Final = list(_NAMES)
SIZES: Final = frozenset({"bytes unpacked"})
"""Facts that are bytes."""
_TOLD_BY_WARNINGS: Final = frozenset(
    {"messages left out", "files that Slack does not have any more"}
)
_ABOUT: Final = ", about"


class Fact(NamedTuple):
    """A fact, taken apart."""

    name: str
    detail: str | None
    """What the source calls it, in brackets."""
    is_estimate: bool


def parse_fact(fact: str) -> Fact:
    """Take a fact apart."""
    name = fact.removesuffix(_ABOUT)
    is_estimate = name != fact
    bracket = name.find(" (", 1)
    if bracket > 0 and name.endswith(")"):
        return Fact(name[:bracket], name[bracket + 2 : -1], is_estimate)
    return Fact(name, None, is_estimate)


def fact_name(fact: str) -> str:
    """Return what people call a fact; one that nobody named is told as it is."""
    name, detail, _is_estimate = parse_fact(fact)
    shown = str(_NAMES.get(name, name))
    return f"{shown}: {detail}" if detail else shown


def is_known(fact: str) -> bool:
    """Tell whether people have a name for it, or read of it elsewhere."""
    name = parse_fact(fact).name
    return name in _NAMES or name in _TOLD_BY_WARNINGS


def in_order(facts: Iterable[str]) -> list[str]:
    """Return the facts as people read them, without what warnings tell better."""

    def place(fact: str) -> int:
        name = parse_fact(fact).name
        return _ORDER.index(name) if name in _NAMES else len(_ORDER)

    told = (fact for fact in facts if parse_fact(fact).name not in _TOLD_BY_WARNINGS)
    return sorted(told, key=place)
