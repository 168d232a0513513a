"""Users of a bulk import: usernames, e-mail addresses and other values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from imports_app.exporters.base import ExportRefusedError
from imports_app.exporters.losses import Loss, Losses
from imports_app.exporters.mattermost.names import Names
from imports_app.exporters.mattermost.rules import (
    LONGEST_NAME,
    LONGEST_POSITION,
    is_email,
    is_username,
)
from imports_app.exporters.mattermost.texts import shorten
from imports_app.exporters.records import ExportedUser

_DEACTIVATED: Final = 1
"""Placeholder for the unknown time at which users were deactivated."""


class Users:
    """The users of an export, in their order.

    Args:
        users: The users.
        losses: Counts changed values.
        mail_domain: Domain of the addresses of users without a valid one; `None`
            refuses such users.
        existing: Usernames in Mattermost, in lower case. A line would overwrite these
            accounts.

    Raises:
        ExportRefusedError: A user has no valid e-mail address of their own.
    """

    def __init__(
        self,
        users: Iterable[ExportedUser],
        losses: Losses,
        *,
        mail_domain: str | None,
        existing: frozenset[str],
    ) -> None:
        self._users = {user.id: user for user in users}
        self._losses = losses
        self._existing = existing
        self.names = self._names()
        """Usernames in Mattermost, by ID."""
        self._emails = self._addresses(mail_domain)

    @property
    def names_by_username(self) -> dict[str, str]:
        """Usernames in Mattermost, by username in the workspace."""
        return {user.username: self.names[key] for key, user in self._users.items()}

    def __len__(self) -> int:
        return len(self._users)

    def __iter__(self) -> Iterator[ExportedUser]:
        return iter(self._users.values())

    def is_new(self, user: ExportedUser) -> bool:
        """Return whether Mattermost has no account with the user's name."""
        return user.id in self._emails

    def _names(self) -> dict[str, str]:
        free = Names(
            self._existing, is_valid=is_username, fallback="user", has_dots=True
        )
        found: dict[str, str] = {}
        for key, user in self._users.items():
            name = user.username
            if name in self._existing or free.keep(name):
                found[key] = name
        existing = set(self._existing).difference(found.values())
        for key, user in self._users.items():
            if key not in found:
                name = user.username.lower()
                found[key] = name if name in existing else free.change(name)
                existing.discard(name)
                self._losses.count(Loss.RENAMED_USERS)
        return found

    def _addresses(self, domain: str | None) -> dict[str, str]:
        """Return the e-mail addresses of users who don't exist in Mattermost, by ID."""
        new = {
            key: user.email.lower()
            for key, user in self._users.items()
            if self.names[key] not in self._existing
        }
        self._losses.count(Loss.EXISTING_USERS, len(self._users) - len(new))
        used: set[str] = set()
        without = []
        for key, address in new.items():
            if is_email(address) and address not in used:
                used.add(address)
            else:
                without.append(key)
        if without and domain is None:
            names = ", ".join(self._users[key].username for key in without[:3])
            msg = (
                f"{len(without)} users have no valid e-mail address of their own, such"
                f" as {names}. Enter the domain for their addresses (--mail-domain)."
            )
            raise ExportRefusedError(msg)
        for key in without:
            address = f"{self.names[key]}@{domain}"
            number = 1
            while address in used or not is_email(address):
                number += 1
                address = f"user-{len(used)}-{number}@{domain}"
            used.add(address)
            new[key] = address
        self._losses.count(Loss.ADDED_ADDRESSES, len(without))
        return new

    def fields(self, user: ExportedUser) -> dict[str, Any]:
        """Return the values of a user who is new in Mattermost, without teams."""
        first, _space, last = shorten(user.name, len(user.name)).partition(" ")
        values = {
            "first_name": (first, LONGEST_NAME),
            "last_name": (last, LONGEST_NAME),
            "position": (shorten(user.bio, len(user.bio)), LONGEST_POSITION),
        }
        self._losses.count(
            Loss.SHORTENED, any(len(text) > most for text, most in values.values())
        )
        fields: dict[str, Any] = {
            "username": self.names[user.id],
            "email": self._emails[user.id],
            "roles": "system_user",
        }
        fields |= {
            key: text[:most].strip() for key, (text, most) in values.items() if text
        }
        if not user.is_active:
            fields["delete_at"] = _DEACTIVATED
        return fields
