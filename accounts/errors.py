"""Expected failures around users, roles and tokens (wire-api.md 6.1 to 6.6)."""

from __future__ import annotations

from typing import ClassVar

from config.errors import DomainError

# Logging in ---------------------------------------------------------------------------


class LoginRefusedError(DomainError):
    """Nobody has this name and password, or this token."""

    code: ClassVar[str] = "Unauthorized"
    default_message = "Unauthorized"


class UserInactiveError(DomainError):
    """The account is deactivated."""

    code: ClassVar[str] = "error-user-is-not-activated"
    default_message = "User is not activated"


class SecondFactorRequiredError(DomainError):
    """The call needs a second factor, and none came with it (wire-api.md 5)."""

    code: ClassVar[str] = "totp-required"
    default_message = "TOTP Required"


class SecondFactorInvalidError(DomainError):
    """The second factor is wrong."""

    code: ClassVar[str] = "totp-invalid"
    default_message = "TOTP Invalid"


class TwoFactorSetupRequiredError(DomainError):
    """A role demands a second factor, and the user has not set one up."""

    code: ClassVar[str] = "error-two-factor-setup-required"
    default_message = (
        "Your role requires two-factor authentication."
        " Set it up on the page /admin/account/ first"
    )


class TooManyCodesError(DomainError):
    """Too many wrong codes in a row."""

    code: ClassVar[str] = "error-too-many-requests"

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"Too many wrong codes. Try again in {wait_seconds} seconds")
        self.wait_seconds = wait_seconds


class TwoFactorAlreadyEnabledError(DomainError):
    """The user has a second factor."""

    code: ClassVar[str] = "error-two-factor-already-enabled"
    default_message = "Two-factor authentication is already enabled."


class TwoFactorNotEnabledError(DomainError):
    """The user has no second factor."""

    code: ClassVar[str] = "error-two-factor-not-enabled"
    default_message = "Two-factor authentication is not enabled for this user."


class TooManyAttemptsError(DomainError):
    """Too many passwords or tokens were wrong."""

    code: ClassVar[str] = "error-too-many-requests"

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"Too many failed logins. Try again in {wait_seconds} seconds")
        self.wait_seconds = wait_seconds


class NoFreeHashSlotError(TooManyAttemptsError):
    """As many passwords are being checked as this machine may check at once."""

    def __init__(self) -> None:
        super().__init__(1)


class PasswordPolicyError(DomainError):
    """The password is too short, too common, or too much like the account."""

    code: ClassVar[str] = "error-password-policy-not-met"


# Tokens -------------------------------------------------------------------------------


class InvalidNetworksError(DomainError):
    """A token's list of networks can't be read."""

    code: ClassVar[str] = "error-invalid-networks"


class TokenLifetimeError(DomainError):
    """A token would live longer than TOKEN_MAX_DAYS allows."""

    code: ClassVar[str] = "error-token-lifetime"


class TokenNameTakenError(DomainError):
    """The owner has a personal access token of this name."""

    code: ClassVar[str] = "error-token-already-exists"
    default_message = "A token with this name already exists"


class TokenNotFoundError(DomainError):
    """The user has no such token."""

    code: ClassVar[str] = "error-token-does-not-exists"
    default_message = "Token does not exist"


class TokenNameRequiredError(DomainError):
    """No token is named."""

    code: ClassVar[None] = None
    default_message = "The 'tokenName' param is required"


class NotAuthorizedError(DomainError):
    """The caller may have no personal access tokens."""

    code: ClassVar[str] = "not-authorized"
    default_message = "Not Authorized"


# Roles --------------------------------------------------------------------------------


class ActionNotAllowedError(DomainError):
    """The caller lacks a permission that the endpoint itself asks for."""

    code: ClassVar[str] = "error-action-not-allowed"
    default_message = "Accessing permissions is not allowed"


class InvalidRolePropertiesError(DomainError):
    """What is sent does not describe a role."""

    code: ClassVar[str] = "error-invalid-role-properties"
    default_message = "The role properties are invalid."


class RoleNameTakenError(DomainError):
    """Another role has this name."""

    code: ClassVar[str] = "error-duplicate-role-names-not-allowed"
    default_message = "Role name already exists"


class RoleNotFoundError(DomainError):
    """No role has this name or id."""

    code: ClassVar[str] = "error-invalid-roleId"
    default_message = "This role does not exist"


class RoleToAddNotFoundError(DomainError):
    """The same for addUserToRole, whose text and code are swapped upstream."""

    code: ClassVar[str] = "Role not found"
    shows_code = False
    default_message = "error-role-not-found"


class RoleProtectedError(DomainError):
    """The role is built in."""

    code: ClassVar[str] = "error-role-protected"
    default_message = "Cannot delete a protected role"


class RoleInUseError(DomainError):
    """Somebody holds the role."""

    code: ClassVar[str] = "error-role-in-use"
    default_message = "Cannot delete role because it's in use"


class RoleNotNamedError(DomainError):
    """The query names no role."""

    code: ClassVar[str] = "error-param-not-provided"
    default_message = 'Query param "role" is required'


class UserAlreadyInRoleError(DomainError):
    """The user holds the role already."""

    code: ClassVar[str] = "error-user-already-in-role"
    default_message = "User already in role"


class UserNotInRoleError(DomainError):
    """The user does not hold the role."""

    code: ClassVar[str] = "error-user-not-in-role"
    default_message = "User is not in this role"


class InvalidRoleError(DomainError):
    """The role counts inside rooms only, so no account can hold it."""

    code: ClassVar[str] = "error-invalid-role"


class AdminRequiredError(DomainError):
    """Nobody would be left to administer the server."""

    code: ClassVar[str] = "error-admin-required"
    default_message = "You need to have at least one admin"


# Permissions --------------------------------------------------------------------------


class InvalidPermissionsError(DomainError):
    """What is sent does not describe permissions."""

    code: ClassVar[str] = "error-invalid-body-params"
    shows_code = False
    default_message = "Invalid body params"


class UnknownPermissionError(DomainError):
    """There is no such permission."""

    code: ClassVar[str] = "error-invalid-permission"
    shows_code = False
    default_message = "Invalid permission"


class UnknownRoleError(DomainError):
    """A permission is to be given to a role that does not exist."""

    code: ClassVar[str] = "error-invalid-role"
    shows_code = False
    default_message = "Invalid role"


class InvalidDateError(DomainError):
    """`updatedSince` is no date; the code is upstream's."""

    code: ClassVar[str] = "error-roomId-param-invalid"
    default_message = 'The "updatedSince" query parameter must be a valid date.'


# Users --------------------------------------------------------------------------------


class UserNotFoundError(DomainError):
    """Nobody has this username."""

    code: ClassVar[str] = "error-invalid-user"
    default_message = "There is no user with this username"


class UnknownUserError(DomainError):
    """Nobody has this id, name, address or import id."""

    code: ClassVar[None] = None
    default_message = "User not found."


class UserNotNamedError(DomainError):
    """The call names nobody."""

    code: ClassVar[str] = "error-user-param-not-provided"
    default_message = 'The required "userId" or "username" param was not provided'


class NoMatchingUserError(DomainError):
    """The call names somebody who does not exist."""

    code: ClassVar[str] = "error-invalid-user"
    default_message = (
        'The required "userId" or "username" param provided does not match any users'
    )


class FieldTakenError(DomainError):
    """Somebody has this username or address."""

    code: ClassVar[str] = "error-field-unavailable"


class InvalidUsernameError(DomainError):
    """The username has other letters than those allowed."""

    code: ClassVar[str] = "error-input-is-not-a-valid-field"


class InvalidEmailError(DomainError):
    """This is no e-mail address."""

    code: ClassVar[str] = "error-invalid-email"


# The activity log ---------------------------------------------------------------------


class ActivityLogAlteredError(DomainError):
    """An entry of the activity log, or its head record, is altered or missing."""

    code: ClassVar[str] = "error-activity-log-altered"
    default_message = "The head record is missing or was altered."
