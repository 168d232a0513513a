"""Which roles an import may give."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from accounts.auth.rights import Rights, rights_of
from accounts.models import Role, User
from accounts.permission_names import ORDINARY_ROLES
from accounts.services.activity import Author
from imports_app.records import UserRecord

DEFAULT_ROLE: Final = "user"
GUEST_ROLE: Final = "guest"
"""Stands in the place of the default role."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Whether a new account gets a role."""

    role: Role | None
    """`None` if the role does not exist."""
    refusal: str = ""
    """A sentence that says why the role is not given; empty if it is."""


class Grants:
    """Decides for one page which roles its records may give.

    A role is given only if both the sender of the record and the starter of the run
    could give it by hand now. People who were deactivated or deleted give none.
    """

    def __init__(self, *, sent_by: str, run_started_by: str) -> None:
        """Remember who answers for the records.

        Args:
            sent_by: The public id of the file's sender; records that came one by
                one name their sender themselves.
            run_started_by: The public id of the starter; empty if unknown.
        """
        self._sent_by = sent_by
        self._run_started_by = run_started_by
        self._rights: dict[str, Rights] = {}

    @cached_property
    def roles(self) -> dict[str, Role]:
        """All roles of accounts, by id and by name."""
        roles = list(Role.objects.of_accounts())
        return {
            **{role.name: role for role in roles},
            **{role.public_id: role for role in roles},
        }

    @cached_property
    def author(self) -> Author:
        """Who gives the roles, for the activity log."""
        users = User.objects.filter(public_id=self._run_started_by)
        return Author(users.first())

    def decide(self, record: UserRecord) -> list[Grant]:
        """Return a decision for each role that a new account would have."""
        default = GUEST_ROLE if record.is_guest else DEFAULT_ROLE
        names = dict.fromkeys((default, *record.roles))
        return [self._decide(name, record.pushed_by) for name in names]

    def _decide(self, name: str, pushed_by: str) -> Grant:
        role = self.roles.get(name)
        if role is None:
            return Grant(None, f"The role {name!r} is not given: it does not exist.")
        if refuser := self.refuser(role, pushed_by):
            return Grant(
                role,
                f"The role {name!r} is not given: the user {refuser} may not give it."
                " Give it by hand.",
            )
        return Grant(role)

    def refuser(self, role: Role, pushed_by: str) -> str | None:
        """Return the public id of somebody who may not give this role, if any.

        Args:
            role: The role.
            pushed_by: Who pushed the record; empty if it came in a file.
        """
        if self.is_ordinary(role):
            return None
        for giver in (self.sender(pushed_by), self._run_started_by):
            if self._rights_of(giver).missing_for_roles([role]):
                return giver or "unknown"
        return None

    @staticmethod
    def is_ordinary(role: Role) -> bool:
        """Tell whether any account may have the role, so that nobody asks or logs."""
        return role.public_id in ORDINARY_ROLES

    def sender(self, pushed_by: str) -> str:
        """Return the public id of a record's sender."""
        return pushed_by or self._sent_by

    def _rights_of(self, public_id: str) -> Rights:
        if public_id not in self._rights:
            user: User | None = User.objects.filter(public_id=public_id).first()
            self._rights[public_id] = rights_of(Author(user))
        return self._rights[public_id]
