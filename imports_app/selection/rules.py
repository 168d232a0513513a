"""What of a source is to be imported, as rules that need no list of everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from imports_app.records import Kind

DIRECT_MESSAGES: Final = "__directMessages__"
"""Stands for all direct rooms together (wire-api.md 2.3)."""
_CONFIRMED: Final = "confirmed"


@dataclass(frozen=True, slots=True)
class Rule:
    """Takes in, or leaves out, every record that matches."""

    takes: bool
    text: str = ""
    """Part of a name, an address or an id, ignoring case; empty matches all."""
    trait: str = ""
    """A trait of `imports_app.querysets.traits`; empty matches all."""


@dataclass(frozen=True, slots=True)
class KindSelection:
    """Which records of a kind are to be imported.

    What is named decides; else the last rule that matches; else `everything`.
    """

    everything: bool = False
    ids: frozenset[str] = frozenset()
    """First import ids of records that are taken in."""
    left_out: frozenset[str] = frozenset()
    """First import ids of records that are not."""
    rules: tuple[Rule, ...] = ()

    def names(self, import_id: str) -> bool:
        """Tell whether a record is taken in as far as names decide, without rules."""
        if import_id in self.ids:
            return True
        return self.everything and import_id not in self.left_out

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> KindSelection:
        """Read what `Selection.as_json` wrote."""
        return cls(
            stored["everything"],
            frozenset(stored["ids"]),
            frozenset(stored.get("left_out", ())),
            tuple(Rule(**rule) for rule in stored.get("rules", ())),
        )


ALL: Final = KindSelection(everything=True)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person's word that a record is a privileged user."""

    user: str
    """The privileged user's public id."""
    by: str
    """The public id of the user who confirmed it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What to import of each kind; messages follow their rooms (wire-api.md 2.5)."""

    users: KindSelection = field(default_factory=KindSelection)
    contacts: KindSelection = field(default_factory=KindSelection)
    channels: KindSelection = field(default_factory=KindSelection)
    confirmed: Mapping[int, Confirmation] = field(default_factory=dict)
    """Confirmed matches with privileged users, by the key of the staged record."""

    def of(self, kind: Kind) -> KindSelection:
        """Return what is chosen of a kind."""
        return {
            Kind.USER: self.users,
            Kind.CONTACT: self.contacts,
            Kind.CHANNEL: self.channels,
        }[kind]

    def as_json(self) -> dict[str, Any]:
        """Return the selection as it is stored."""
        stored: dict[str, Any] = {
            name: {
                **asdict(choice),
                "ids": sorted(choice.ids),
                "left_out": sorted(choice.left_out),
            }
            for name, choice in (
                ("users", self.users),
                ("contacts", self.contacts),
                ("channels", self.channels),
            )
        }
        if self.confirmed:
            stored[_CONFIRMED] = {
                str(pk): asdict(one) for pk, one in sorted(self.confirmed.items())
            }
        return stored

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Selection:
        """Read what `as_json` wrote."""
        choices = {
            name: KindSelection.from_json(one)
            for name, one in stored.items()
            if name != _CONFIRMED
        }
        confirmed = {
            int(pk): Confirmation(**one)
            for pk, one in stored.get(_CONFIRMED, {}).items()
        }
        return cls(**choices, confirmed=confirmed)


EVERYTHING: Final = Selection(ALL, ALL, ALL)
EVERY_USER: Final = Selection(users=ALL)
