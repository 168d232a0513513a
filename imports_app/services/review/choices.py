"""Requested decisions, and reasons to refuse them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from imports_app.models import DecisionAction
from imports_app.records import ChannelRecord, Kind, UserRecord

LONGEST_NAME: Final = 200
"""Characters of a decided username or room name."""
Staged: TypeAlias = Mapping[tuple[Kind, str], UserRecord | ChannelRecord]
"""Staged records by kind and first import ID."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Requested decision."""

    kind: Kind
    import_id: str
    action: DecisionAction
    target: str = ""
    """Public ID of an existing user or room; import ID of the user to merge with."""
    username: str = ""
    email: str = ""
    name: str = ""
    is_private: bool = False
    place: str = ""
    """Place in a file, such as `users[3]`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Reason why a decision is refused."""

    choice: Choice
    reason: str
    is_forbidden: bool = False

    @property
    def message(self) -> str:
        """The reason with the place of the decision."""
        place = f"{self.choice.place}, " if self.choice.place else ""
        return f"{place}`{self.choice.import_id[:80]}`: {self.reason}"


def owners_of_texts(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Return the import IDs by text in lower case, without empty texts."""
    owners: dict[str, set[str]] = {}
    for import_id, text in pairs:
        if text:
            owners.setdefault(text.lower(), set()).add(import_id)
    return owners
