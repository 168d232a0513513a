"""Expected failures around users, roles and tokens (wire-api.md 6.3, 6.4)."""

from __future__ import annotations

from typing import ClassVar

from config.errors import DomainError


class TokenNameTakenError(DomainError):
    """The owner has a personal access token of this name."""

    code: ClassVar[str] = "error-token-already-exists"


class UserAlreadyInRoleError(DomainError):
    """The user holds the role already."""

    code: ClassVar[str] = "error-user-already-in-role"


class UserNotInRoleError(DomainError):
    """The user does not hold the role."""

    code: ClassVar[str] = "error-user-not-in-role"


class InvalidRoleError(DomainError):
    """The role counts inside rooms only, so no account can hold it."""

    code: ClassVar[str] = "error-invalid-role"


class AdminRequiredError(DomainError):
    """Nobody would be left to administer the server."""

    code: ClassVar[str] = "error-admin-required"


class UserNotFoundError(DomainError):
    """Nobody has this username."""

    code: ClassVar[str] = "error-invalid-user"


class RoleNotFoundError(DomainError):
    """No role has this name or id."""

    code: ClassVar[str] = "error-invalid-roleId"


class TokenNotFoundError(DomainError):
    """The user has no such token."""

    code: ClassVar[str] = "error-token-does-not-exists"


class LoginRefusedError(DomainError):
    """Nobody has this name and password, or this token."""

    code: ClassVar[str] = "Unauthorized"

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class UserInactiveError(DomainError):
    """The account is deactivated."""

    code: ClassVar[str] = "error-user-is-not-activated"

    def __init__(self) -> None:
        super().__init__("User is not activated")
