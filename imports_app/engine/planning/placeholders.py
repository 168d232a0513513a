"""Planning of placeholder users for members of direct rooms.

The source does not list these members, so they have no record.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import count
from typing import Final

from accounts.models import User
from config.db.bulk import in_chunks
from imports_app.engine.matching.usernames import first_free, username_candidates
from imports_app.engine.planning.planned_users import PlannedUsers
from imports_app.models import ImportRecord
from imports_app.records import ChannelRecord, Kind, RoomType

_LONGEST: Final = 255
_FIRST_KEY: Final = -(2**62)
"""Key of the first placeholder user, distinct from those of other planned users."""


@dataclass(slots=True)
class Placeholder:
    """New user for a member of direct rooms."""

    key: int
    """Key in the planned rooms, below zero, until the user is written."""
    name: str
    """Name in the source."""
    user: User


class PlaceholderPlanner:
    """Planner of placeholder users, one page of rooms at a time."""

    def __init__(self, operation_id: int, planned: PlannedUsers | None) -> None:
        self._operation_id = operation_id
        self._planned = planned or PlannedUsers()
        self._keys = count(_FIRST_KEY, -1)

    def plan(
        self, records: Collection[ChannelRecord], missing: Collection[str]
    ) -> list[Placeholder]:
        """Return the placeholder users that these rooms need.

        Members who are in the source were deselected, or failed.

        Args:
            records: The rooms.
            missing: Import IDs of members without a user.
        """
        wanted = {
            key
            for record in records
            if record.type is RoomType.DIRECT
            for key in record.members
            if key in missing
        }
        if not wanted:
            return []
        users_staged = ImportRecord.objects.of_kind(self._operation_id, Kind.USER)
        for chunk in in_chunks(set(wanted)):
            described = users_staged.filter(import_id__in=chunk)
            wanted -= set(described.values_list("import_id", flat=True))
        names = {key: username_candidates(key) for key in wanted}
        taken: set[str] = set()
        for tried in in_chunks(name for tries in names.values() for name in tries):
            named = User.objects.named_any(tried).values_list("username", flat=True)
            taken |= {str(name).lower() for name in named}
            taken |= self._planned.by_names(tried).keys()
        placeholders = []
        for key in sorted(wanted):
            username = first_free(names[key], taken)
            taken.add(username.lower())
            user = User(username=username, name=key[:_LONGEST], is_active=False)
            user.set_unusable_password()
            placeholders.append(Placeholder(next(self._keys), key, user))
        return placeholders
