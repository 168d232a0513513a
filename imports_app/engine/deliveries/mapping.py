"""Matching of the selected users with the users of the server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from imports_app.exporters.records import ExportedUser
from imports_app.exporters.slack.identifiers import ROCKET_CAT, user_id
from imports_app.remote.documents import Account, read_account


@dataclass(slots=True)
class Mapping:
    """Action of a delivery for each user."""

    missing: list[ExportedUser] = field(default_factory=list)
    """Users with an e-mail address, who are created."""
    listed: list[ExportedUser] = field(default_factory=list)
    """Users without one, who are created by the first archive."""
    connected: dict[str, Account] = field(default_factory=dict)
    """Existing users, by ID here, who need an import ID."""
    by_username: list[str] = field(default_factory=list)
    """Usernames of users who are matched only by username."""
    privileged: list[str] = field(default_factory=list)
    """Usernames of administrators among `by_username`."""
    ids: dict[str, str] = field(default_factory=dict)
    """Import IDs of users who have one on the server, by ID here."""
    accounts: dict[str, Account] = field(default_factory=dict)
    """Accounts of the existing users, by ID here."""
    users: int = 0

    @property
    def usernames(self) -> dict[str, str]:
        """Return the usernames on the server, by ID here."""
        return {key: account.username for key, account in self.accounts.items()} | {
            user.id: user.username for user in (*self.missing, *self.listed)
        }


class Directory:
    """Users of the server."""

    def __init__(self, documents: Iterable[dict[str, Any]]) -> None:
        self.by_username: dict[str, Account] = {}
        self.by_email: dict[str, Account] = {}
        for document in documents:
            account = read_account(document)
            if account is None:
                continue
            self.by_username[account.username.lower()] = account
            for address in account.emails:
                self.by_email.setdefault(address.lower(), account)


def map_users(
    users: Iterable[ExportedUser],
    directory: Directory,
    known: dict[str, tuple[str, str]],
) -> Mapping:
    """Match users by import ID, e-mail address or username.

    Args:
        users: The selected users.
        directory: The server's users.
        known: Username on the server and import ID of the users of earlier deliveries,
            by ID here.
    """
    mapping = Mapping()
    for user in users:
        if user.username == ROCKET_CAT:
            continue
        mapping.users += 1
        username, import_id = known.get(user.id, ("", ""))
        if account := directory.by_username.get(username.lower()):
            mapping.ids[user.id] = import_id
            mapping.accounts[user.id] = account
            continue
        by_email = directory.by_email.get(user.email.lower()) if user.email else None
        account = by_email or directory.by_username.get(user.username.lower())
        if account is None:
            mapping.ids[user.id] = user_id(user.id)
            (mapping.missing if user.email else mapping.listed).append(user)
            continue
        mapping.connected[user.id] = mapping.accounts[user.id] = account
        mapping.ids[user.id] = account.username
        if by_email is None:
            mapping.by_username.append(account.username)
            if account.is_privileged:
                mapping.privileged.append(account.username)
    return mapping
