"""Which roles an import may give."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from accounts.models import Role, User
from accounts.permission_names import PermissionName
from accounts.services.activity import Author
from accounts.services.roles import ADMIN_ROLE

_HARMLESS: Final = frozenset({"user", "bot", "guest"})
DEFAULT_ROLE: Final = "user"


class Grants:
    """Decides for one page, on behalf of whoever started the import.

    The starter can give no right that the starter could not give by hand; one who has
    lost the right, or the account, gives none.
    """

    def __init__(self, starter_id: str | None) -> None:
        self._starter_id = starter_id

    @cached_property
    def roles(self) -> dict[str, Role]:
        """All roles of accounts, by id and by name."""
        roles = list(Role.objects.of_accounts())
        return {
            **{role.name: role for role in roles},
            **{role.public_id: role for role in roles},
        }

    @cached_property
    def starter(self) -> User | None:
        """Who started the import, if the account is there and active."""
        found: User | None = User.objects.filter(
            public_id=self._starter_id, is_active=True
        ).first()
        return found

    @property
    def author(self) -> Author:
        """Who gave the roles, for the activity log."""
        return Author(self.starter)

    def may_give(self, role: Role) -> bool:
        """Tell whether the import may give this role."""
        if role.public_id in _HARMLESS:
            return True
        if self.starter is None:
            return False
        if role.public_id == ADMIN_ROLE:
            return self._starter_is_admin
        return self._starter_manages_roles

    @staticmethod
    def is_harmless(role: Role) -> bool:
        """Tell whether a role gives nothing that is worth a line in the log."""
        return role.public_id in _HARMLESS

    @cached_property
    def _starter_is_admin(self) -> bool:
        return (
            self.starter is not None
            and self.starter.roles.filter(public_id=ADMIN_ROLE).exists()
        )

    @cached_property
    def _starter_manages_roles(self) -> bool:
        return self.starter is not None and self.starter.has_perm(
            PermissionName.ACCESS_PERMISSIONS
        )
