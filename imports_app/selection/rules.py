"""Selection of records to import, as rules instead of a complete list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from imports_app.records import Kind

DIRECT_MESSAGES: Final = "__directMessages__"
"""Pseudo ID of all direct rooms (wire-api.md 2.3)."""
_CONFIRMED: Final = "confirmed"
_ARCHIVES: Final = "archives_existing"


@dataclass(frozen=True, slots=True)
class Rule:
    """Rule that selects or deselects every matching record."""

    takes: bool
    text: str = ""
    """Part of a name, an address or an ID, ignoring case; empty matches all."""
    trait: str = ""
    """A trait of `imports_app.selection.query`; empty matches all."""


@dataclass(frozen=True, slots=True)
class KindSelection:
    """Selection of the records of one kind.

    A record's own entry has precedence, then the last matching rule, then `everything`.
    """

    everything: bool = False
    ids: frozenset[str] = frozenset()
    """First import IDs of selected records."""
    deselected: frozenset[str] = frozenset()
    """First import IDs of deselected records."""
    rules: tuple[Rule, ...] = ()

    def includes(self, import_id: str) -> bool:
        """Return whether a record is selected, ignoring rules."""
        if import_id in self.ids:
            return True
        return self.everything and import_id not in self.deselected

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> KindSelection:
        """Restore the data of `Selection.as_json`."""
        return cls(
            stored["everything"],
            frozenset(stored["ids"]),
            frozenset(stored.get("left_out", ())),
            tuple(Rule(**rule) for rule in stored.get("rules", ())),
        )


ALL: Final = KindSelection(everything=True)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Confirmation that a record is a privileged user."""

    user: str
    """Public ID of the privileged user."""
    by: str
    """Public ID of the user who confirmed the match."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Selection of each kind; messages follow their rooms (wire-api.md 2.5)."""

    users: KindSelection = field(default_factory=KindSelection)
    contacts: KindSelection = field(default_factory=KindSelection)
    channels: KindSelection = field(default_factory=KindSelection)
    confirmed: Mapping[int, Confirmation] = field(default_factory=dict)
    """Confirmed matches with privileged users, by key of the staged record."""
    archives_existing: bool = False
    """Whether existing rooms are archived that are archived in the source."""

    def of(self, kind: Kind) -> KindSelection:
        """Return the selection of a kind."""
        return {
            Kind.USER: self.users,
            Kind.CONTACT: self.contacts,
            Kind.CHANNEL: self.channels,
        }[kind]

    def as_json(self) -> dict[str, Any]:
        """Return the selection as JSON data."""
        stored: dict[str, Any] = {
            name: {
                "everything": selected.everything,
                "ids": sorted(selected.ids),
                "left_out": sorted(selected.deselected),
                "rules": tuple(map(asdict, selected.rules)),
            }
            for name, selected in (
                ("users", self.users),
                ("contacts", self.contacts),
                ("channels", self.channels),
            )
        }
        if self.confirmed:
            stored[_CONFIRMED] = {
                str(pk): asdict(one) for pk, one in sorted(self.confirmed.items())
            }
        if self.archives_existing:
            stored[_ARCHIVES] = True
        return stored

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Selection:
        """Restore the data of `as_json`."""
        kinds = {
            name: KindSelection.from_json(one)
            for name, one in stored.items()
            if name not in {_CONFIRMED, _ARCHIVES}
        }
        confirmed = {
            int(pk): Confirmation(**one)
            for pk, one in stored.get(_CONFIRMED, {}).items()
        }
        archives = bool(stored.get(_ARCHIVES))
        return cls(**kinds, confirmed=confirmed, archives_existing=archives)


EVERYTHING: Final = Selection(ALL, ALL, ALL)
EVERY_USER: Final = Selection(users=ALL)
MAX_NAMED_RECORDS: Final = 5_000
"""Maximum number of records selected or deselected one by one."""


def selection_of(stored: dict[str, Any]) -> Selection:
    """Return the stored selection of an operation; everything if there is none.

    Selections of the API may name more records than a person can select one by one.
    They are not offered for a review.
    """
    if not stored:
        return EVERYTHING
    selection = Selection.from_json(stored)
    kinds = (selection.users, selection.channels)
    is_long = any(len(kind.ids | kind.deselected) > MAX_NAMED_RECORDS for kind in kinds)
    return EVERYTHING if is_long else selection
