"""Models of users, roles, permissions, tokens, sessions and the activity log."""

from __future__ import annotations

from accounts.models.activity import ActivityEntry, ActivityLogHead
from accounts.models.failed_logins import FailedLogin
from accounts.models.idempotency import IdempotentCall
from accounts.models.roles import DeletedRole, Permission, Role, UnusedPermission
from accounts.models.sessions import Session
from accounts.models.tokens import AuthToken
from accounts.models.two_factor import RecoveryCode, TwoFactorDevice
from accounts.models.users import EmailAddress, ImportId, User

__all__ = [
    "ActivityEntry",
    "ActivityLogHead",
    "AuthToken",
    "DeletedRole",
    "EmailAddress",
    "FailedLogin",
    "IdempotentCall",
    "ImportId",
    "Permission",
    "RecoveryCode",
    "Role",
    "Session",
    "TwoFactorDevice",
    "UnusedPermission",
    "User",
]
