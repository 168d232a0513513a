"""What of a source is to be imported, as a rule that needs no list of everything."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Final

from imports_app.records import Kind

DIRECT_MESSAGES: Final = "__directMessages__"
"""Stands for all direct rooms together (wire-api.md 2.3)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """All records of a kind, or those with these first import ids."""

    everything: bool = False
    ids: frozenset[str] = frozenset()

    def __contains__(self, import_id: object) -> bool:
        return self.everything or import_id in self.ids


ALL: Final = Choice(everything=True)


@dataclass(frozen=True, slots=True)
class Selection:
    """What to import of each kind; messages follow their rooms (wire-api.md 2.5)."""

    users: Choice = field(default_factory=Choice)
    contacts: Choice = field(default_factory=Choice)
    channels: Choice = field(default_factory=Choice)

    def includes(self, kind: Kind, import_id: str, *, is_direct: bool = False) -> bool:
        """Tell whether a user, contact or room is to be imported."""
        if kind is Kind.CHANNEL and is_direct:
            return DIRECT_MESSAGES in self.channels
        choice = {
            Kind.USER: self.users,
            Kind.CONTACT: self.contacts,
            Kind.CHANNEL: self.channels,
        }[kind]
        return import_id in choice

    def as_json(self) -> dict[str, Any]:
        """Return the selection as it is stored."""
        return {
            name: {**choice, "ids": sorted(choice["ids"])}
            for name, choice in asdict(self).items()
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Selection:
        """Read what `as_json` wrote."""
        return cls(
            **{
                name: Choice(choice["everything"], frozenset(choice["ids"]))
                for name, choice in stored.items()
            }
        )


EVERYTHING: Final = Selection(ALL, ALL, ALL)
EVERY_USER: Final = Selection(users=ALL)
