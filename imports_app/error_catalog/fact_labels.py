"""Labels of the facts that importers count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _

_LABELS: Final[dict[str, Any]] = {
    "users": _("Users"),
    "bots": _("Users: bots"),
    "addresses of bots": _("Bots whose e-mail address is not imported"),
    "users without e-mail address": _("Users without an e-mail address"),
    "guests": _("Users: guests"),
    "invited users": _("Users: invited, not yet joined"),
    "deactivated users": _("Users: deactivated"),
    "users of other organisations": _("Users: from other organizations"),
    "users listed again": _("Users listed more than once"),
    "contacts": _("Contacts"),
    "workspaces": _("Workspaces of the organization"),
    "rooms": _("Rooms"),
    "public channels": _("Rooms: public"),
    "private channels": _("Rooms: private"),
    "direct messages": _("Rooms: direct messages"),
    "rooms without folder": _("Rooms without a folder"),
    "reactions without names": _("Reactions without usernames"),
    "rooms without messages": _("Rooms without messages"),
    "rooms without a readable creation time": _(
        "Rooms without a creation time, or with one that can't be read"
    ),
    "rooms without a readable list of members": _(
        "Rooms whose list of members can't be read"
    ),
    "messages": _("Messages"),
    "messages read as text": _("Messages of unknown types, imported as text"),
    "messages without a readable time of editing": _(
        "Edited messages whose time of editing can't be read"
    ),
    "replies without a readable thread": _(
        "Replies whose thread can't be read, imported as messages"
    ),
    "shortened texts": _("Statuses and names shortened to 255 characters"),
    "messages in folders without a room": _("Messages in folders without a room"),
    "messages in files that are not read": _("Messages in unread files"),
    "files to download": _("Attached files to download"),
    "files in the archive": _("Attached files in the archive"),
    "links to files elsewhere": _("Links to external files"),
    "files": _("Files in the archive"),
    "sheets": _("Sheets in the workbook"),
    "files of days": _("Message files"),
    "bytes unpacked": _("Uncompressed size"),
    "others": _("Other"),
}
"""Labels by fact, in the order of display."""
_ORDER: Final = list(_LABELS)
BYTE_FACTS: Final = frozenset({"bytes unpacked"})
"""Facts whose unit is bytes."""
_COVERED_BY_WARNINGS: Final = frozenset(
    {"messages left out", "files that Slack does not have any more"}
)
_ESTIMATE_SUFFIX: Final = ", about"


class Fact(NamedTuple):
    """Parts of a fact: name, detail, estimate."""

    name: str
    detail: str | None
    """Value of the source in brackets, such as a message type."""
    is_estimate: bool


def parse_fact(fact: str) -> Fact:
    """Split a fact into its parts."""
    name = fact.removesuffix(_ESTIMATE_SUFFIX)
    is_estimate = name != fact
    bracket = name.find(" (", 1)
    if bracket > 0 and name.endswith(")"):
        return Fact(name[:bracket], name[bracket + 2 : -1], is_estimate)
    return Fact(name, None, is_estimate)


def fact_label(fact: str) -> str:
    """Return the label of a fact, or the fact itself if it has none."""
    name, detail, _is_estimate = parse_fact(fact)
    label = str(_LABELS.get(name, name))
    return f"{label}: {detail}" if detail else label


def has_label(fact: str) -> bool:
    """Return whether a fact has a label or is covered by a warning."""
    name = parse_fact(fact).name
    return name in _LABELS or name in _COVERED_BY_WARNINGS


def sort_facts(facts: Iterable[str]) -> list[str]:
    """Return the facts in order of display, without those that warnings cover."""

    def position(fact: str) -> int:
        name = parse_fact(fact).name
        return _ORDER.index(name) if name in _LABELS else len(_ORDER)

    displayed = (
        fact for fact in facts if parse_fact(fact).name not in _COVERED_BY_WARNINGS
    )
    return sorted(displayed, key=position)
