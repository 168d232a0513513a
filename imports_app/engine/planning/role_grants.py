"""Decisions on the roles that an import may grant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from accounts.auth.rights import Rights, rights_of
from accounts.models import Role, User
from accounts.permission_names import ORDINARY_ROLES, PermissionName
from accounts.services.activity import Author
from imports_app.records import UserRecord

DEFAULT_ROLE: Final = "user"
GUEST_ROLE: Final = "guest"
"""Role that replaces the default role."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Decision on whether a new user gets a role."""

    role: Role | None
    """`None` if the role does not exist."""
    refusal: str = ""
    """Why the role is not granted; empty if it is."""


class Grants:
    """Role decisions for one page of records.

    A role is granted only if both the sender of the record and the initiator of the run
    may grant it now. Deactivated and deleted users may grant none.
    """

    def __init__(self, *, sent_by: str, run_started_by: str) -> None:
        """Set the users whose permissions are checked.

        Args:
            sent_by: Public ID of the file's uploader; pushed records have their own
                sender.
            run_started_by: Public ID of the initiator; empty if unknown.
        """
        self._sent_by = sent_by
        self._run_started_by = run_started_by
        self._givers: dict[str, tuple[Rights, str]] = {}
        self.were_checked = False
        """Whether a decision depended on the permissions of these users."""

    @cached_property
    def roles(self) -> dict[str, Role]:
        """All roles of users, by ID and by name."""
        roles = list(Role.objects.of_accounts())
        return {
            **{role.name: role for role in roles},
            **{role.public_id: role for role in roles},
        }

    @cached_property
    def author(self) -> Author:
        """Author of the grants, for the activity log."""
        users = User.objects.filter(public_id=self._run_started_by)
        return Author(users.first())

    @property
    def adds_readers(self) -> bool:
        """Whether members in the file may read their rooms through the API.

        Both users must be allowed to read all rooms. Otherwise, a file could make any
        user a reader of an existing room, or of one that a later import fills.
        """
        givers = {self._sent_by, self._run_started_by}
        users = User.objects.filter(public_id__in=givers, is_active=True)
        return {
            user.public_id
            for user in users
            if user.has_perm(PermissionName.VIEW_ROOM_ADMINISTRATION)
        } == givers

    def decide(self, record: UserRecord) -> list[Grant]:
        """Return a decision for each role of a new user."""
        default = GUEST_ROLE if record.is_guest else DEFAULT_ROLE
        names = dict.fromkeys((default, *record.roles))
        return [self._decide(name, record.pushed_by) for name in names]

    def _decide(self, name: str, pushed_by: str) -> Grant:
        role = self.roles.get(name)
        if role is None:
            return Grant(None, f"Role {name!r} not granted: it does not exist.")
        if refuser := self._missing_grantor(role, pushed_by):
            return Grant(
                role,
                f"Role {name!r} not granted: {refuser} may not grant it. Grant it"
                " manually.",
            )
        return Grant(role)

    def _missing_grantor(self, role: Role, pushed_by: str) -> str | None:
        """Return the name of a user without the right to grant this role, or `None`.

        Args:
            role: The role.
            pushed_by: Public ID of the record's sender; empty if it is from a file.
        """
        if self.is_ordinary(role):
            return None
        self.were_checked = True
        for giver in (self.sender(pushed_by), self._run_started_by):
            rights, name = self._grantor(giver)
            if rights.missing_for_roles([role]):
                return name
        return None

    @staticmethod
    def is_ordinary(role: Role) -> bool:
        """Return whether the role needs no permission check and no log entry."""
        return role.public_id in ORDINARY_ROLES

    def sender(self, pushed_by: str) -> str:
        """Return the public ID of a record's sender."""
        return pushed_by or self._sent_by

    def _grantor(self, public_id: str) -> tuple[Rights, str]:
        """Return a user's rights, and the user's name in messages."""
        if public_id not in self._givers:
            user: User | None = User.objects.filter(public_id=public_id).first()
            name = f"the user {user}" if user else "an unknown user"
            self._givers[public_id] = rights_of(Author(user)), name
        return self._givers[public_id]
