"""Users that earlier pages of a plan create or change, and that are not written.

A run finds the users of earlier pages in the database. A plan writes nothing, so the
matcher also looks them up here. About 500 bytes for each new user.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from accounts.models import User

if TYPE_CHECKING:
    from imports_app.engine.matching.users import TargetUser

_FIELDS: Final = (
    *("public_id", "username", "name", "kind", "is_active", "bio"),
    *("status_text", "utc_offset", "pending_avatar_url"),
)
_values_of: Final = attrgetter(*_FIELDS)


class PlannedUsers:
    """Users of earlier pages. The keys of new users are negative."""

    def __init__(self) -> None:
        self._users: dict[int, tuple[Any, ...]] = {}
        """Values of new users, and of existing ones that change."""
        self._names_of: dict[int, tuple[str, str]] = {}
        """Public ID and username of existing users with new import IDs."""
        self._privileged: set[int] = set()
        self._import_ids: dict[str, tuple[int, bool]] = {}
        self._proven: dict[int, list[str]] = {}
        """Import IDs that are not the username, by key of the user."""
        self._addresses: dict[str, int] = {}
        self._names: dict[str, int] = {}

    def add(self, target: TargetUser, key: int, *, is_privileged: bool) -> None:
        """Add a user that the last planned page creates or changes.

        Args:
            target: The user; a new one gets the key.
            key: Key of a new user, below zero.
            is_privileged: Whether the roles of a new user make it privileged.
        """
        user = target.user
        if target.is_new:
            user.pk = key
            self._names[str(user.username).lower()] = key
            if is_privileged:
                self._privileged.add(key)
        else:
            key = user.pk
        if target.is_new or target.after:
            self._users[key] = _values_of(user)
        if target.import_ids and key > 0:
            self._names_of[key] = user.public_id, str(user.username or "")
        for value, by_username in target.import_ids.items():
            self._import_ids[value] = key, by_username
            if not by_username and value != user.username:
                self._proven.setdefault(key, []).append(value)
        for address in target.emails:
            self._addresses[address.lower()] = key

    def by_import_ids(self, values: Iterable[str]) -> dict[str, tuple[int, bool]]:
        """Return key and whether the username was the only match, by import ID."""
        return _found(self._import_ids, values)

    def by_addresses(self, addresses: Iterable[str]) -> dict[str, int]:
        """Return keys by address; the addresses are in lower case."""
        return _found(self._addresses, addresses)

    def by_names(self, names: Iterable[str]) -> dict[str, int]:
        """Return keys by username in lower case."""
        return _found(self._names, (name.lower() for name in names))

    def proven_ids(self, keys: Iterable[int]) -> Iterable[tuple[str, int, str]]:
        """Yield import IDs that are not the username, with key and username."""
        for key in keys:
            for value in self._proven.get(key, ()):
                yield value, key, self.names_of(key)[1]

    def names_of(self, key: int) -> tuple[str, str]:
        """Return public ID and username of a user with new import IDs."""
        if key > 0:
            return self._names_of[key]
        public_id, username, *_rest = self._users[key]
        return public_id, username

    def is_privileged(self, key: int) -> bool:
        """Return whether a new user is privileged."""
        return key in self._privileged

    def apply(self, users: dict[int, User], keys: Iterable[int]) -> None:
        """Add new users, and set the changed values of existing ones."""
        if not self._users:
            return
        for key in {*keys, *users} & self._users.keys():
            values = dict(zip(_FIELDS, self._users[key], strict=True))
            if key < 0:
                users[key] = User(pk=key, **values)
            else:
                for name, value in values.items():
                    setattr(users[key], name, value)


def _found(known: Mapping[str, Any], values: Iterable[str]) -> dict[str, Any]:
    if not known:
        return {}
    return {value: known[value] for value in values if value in known}
