"""Users, roles with their permissions, and tokens."""

from __future__ import annotations

from accounts.models.roles import Permission, Role
from accounts.models.tokens import AuthToken
from accounts.models.users import EmailAddress, ImportId, User

__all__ = ["AuthToken", "EmailAddress", "ImportId", "Permission", "Role", "User"]
