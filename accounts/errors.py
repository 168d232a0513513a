"""Expected errors for users, roles and tokens (wire-api.md 6.1 to 6.6)."""

from __future__ import annotations

from typing import ClassVar

from config.errors import DomainError

# Logging in ---------------------------------------------------------------------------


class LoginRefusedError(DomainError):
    """The name, password or token is wrong."""

    code: ClassVar[str] = "Unauthorized"
    default_message = "Unauthorized"


class UserInactiveError(DomainError):
    """The account is deactivated."""

    code: ClassVar[str] = "error-user-is-not-activated"
    default_message = "User is not activated"


class SecondFactorRequiredError(DomainError):
    """The call requires a second factor and has none (wire-api.md 5)."""

    code: ClassVar[str] = "totp-required"
    default_message = "TOTP Required"


class SecondFactorInvalidError(DomainError):
    """The second factor is wrong."""

    code: ClassVar[str] = "totp-invalid"
    default_message = "TOTP Invalid"


def _seconds(number: int) -> str:
    """Return a number of seconds with its unit."""
    return f"{number} second" if number == 1 else f"{number} seconds"


class TwoFactorSetupRequiredError(DomainError):
    """A role requires a second factor and the user has none."""

    code: ClassVar[str] = "error-two-factor-setup-required"
    default_message = (
        "Your role requires two-factor authentication."
        " Set it up at /admin/account/ first"
    )


class TooManyCodesError(DomainError):
    """Too many consecutive wrong codes."""

    code: ClassVar[str] = "error-too-many-requests"

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"Too many wrong codes. Try again in {_seconds(wait_seconds)}")
        self.wait_seconds = wait_seconds


class TwoFactorAlreadyEnabledError(DomainError):
    """The user already has a second factor."""

    code: ClassVar[str] = "error-two-factor-already-enabled"
    default_message = "Two-factor authentication is already enabled."


class TwoFactorNotEnabledError(DomainError):
    """The user has no second factor."""

    code: ClassVar[str] = "error-two-factor-not-enabled"
    default_message = "Two-factor authentication is not enabled for this user."


class TooManyAttemptsError(DomainError):
    """Too many wrong passwords or tokens."""

    code: ClassVar[str] = "error-too-many-requests"

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(
            f"Too many failed logins. Try again in {_seconds(wait_seconds)}"
        )
        self.wait_seconds = wait_seconds


class NoFreeHashSlotError(TooManyAttemptsError):
    """The maximum number of concurrent password checks is reached."""

    def __init__(self) -> None:
        super().__init__(1)


class PasswordPolicyError(DomainError):
    """The password is too short, too common or too similar to the user's data."""

    code: ClassVar[str] = "error-password-policy-not-met"


# Tokens -------------------------------------------------------------------------------


class InvalidNetworksError(DomainError):
    """A token's list of networks is not valid."""

    code: ClassVar[str] = "error-invalid-networks"


class TokenLifetimeError(DomainError):
    """The token's expiry time exceeds TOKEN_MAX_DAYS."""

    code: ClassVar[str] = "error-token-lifetime"


class TokenNameTakenError(DomainError):
    """The owner already has a personal access token with this name."""

    code: ClassVar[str] = "error-token-already-exists"
    default_message = "A token with this name already exists"


class TokenNotFoundError(DomainError):
    """The user has no such token."""

    code: ClassVar[str] = "error-token-does-not-exists"
    default_message = "Token does not exist"


class TokenNameRequiredError(DomainError):
    """The name of the token is missing."""

    code: ClassVar[None] = None
    default_message = "The 'tokenName' param is required"


class NotAuthorizedError(DomainError):
    """The caller may not have personal access tokens."""

    code: ClassVar[str] = "not-authorized"
    default_message = "Not Authorized"


# Roles --------------------------------------------------------------------------------


class ActionNotAllowedError(DomainError):
    """The caller lacks a permission that the endpoint checks itself."""

    code: ClassVar[str] = "error-action-not-allowed"
    default_message = "Accessing permissions is not allowed"


class InvalidRolePropertiesError(DomainError):
    """The properties of the role are not valid."""

    code: ClassVar[str] = "error-invalid-role-properties"
    default_message = "The role properties are invalid."


class RoleNameTakenError(DomainError):
    """Another role has this name."""

    code: ClassVar[str] = "error-duplicate-role-names-not-allowed"
    default_message = "Role name already exists"


class RoleNotFoundError(DomainError):
    """There is no role with this name or ID."""

    code: ClassVar[str] = "error-invalid-roleId"
    default_message = "This role does not exist"


class RoleToAddNotFoundError(DomainError):
    """The role does not exist; addUserToRole in Rocket.Chat swaps text and code."""

    code: ClassVar[str] = "Role not found"
    shows_code = False
    default_message = "error-role-not-found"


class RoleProtectedError(DomainError):
    """The role is built in."""

    code: ClassVar[str] = "error-role-protected"
    default_message = "Cannot delete a protected role"


class RoleInUseError(DomainError):
    """Users have the role."""

    code: ClassVar[str] = "error-role-in-use"
    default_message = "Cannot delete role because it's in use"


class RoleNotNamedError(DomainError):
    """The query parameter of the role is missing."""

    code: ClassVar[str] = "error-param-not-provided"
    default_message = 'Query param "role" is required'


class InvalidSyncDateError(DomainError):
    """`updatedSince` of roles.sync is not a date."""

    code: ClassVar[str] = "error-invalid-param"
    default_message = "updatedSince must be a valid date string"


class UserAlreadyInRoleError(DomainError):
    """The user already has the role."""

    code: ClassVar[str] = "error-user-already-in-role"
    default_message = "User already in role"


class UserNotInRoleError(DomainError):
    """The user does not have the role."""

    code: ClassVar[str] = "error-user-not-in-role"
    default_message = "User is not in this role"


class InvalidRoleError(DomainError):
    """The role applies to single rooms and can't be granted to users."""

    code: ClassVar[str] = "error-invalid-role"


class AdminRequiredError(DomainError):
    """The server would be left without an active admin."""

    code: ClassVar[str] = "error-admin-required"
    default_message = "You need to have at least one admin"


# Permissions --------------------------------------------------------------------------


class InvalidPermissionsError(DomainError):
    """The body has no valid list of permissions."""

    code: ClassVar[str] = "error-invalid-body-params"
    shows_code = False
    default_message = "Invalid body params"


class UnknownPermissionError(DomainError):
    """There is no such permission."""

    code: ClassVar[str] = "error-invalid-permission"
    shows_code = False
    default_message = "Invalid permission"


class UnknownRoleError(DomainError):
    """A permission is assigned to a role that does not exist."""

    code: ClassVar[str] = "error-invalid-role"
    shows_code = False
    default_message = "Invalid role"


class InvalidDateError(DomainError):
    """`updatedSince` is not a date. The code is Rocket.Chat's."""

    code: ClassVar[str] = "error-roomId-param-invalid"
    default_message = 'The "updatedSince" query parameter must be a valid date.'


# Users --------------------------------------------------------------------------------


class UserNotFoundError(DomainError):
    """There is no user with this username."""

    code: ClassVar[str] = "error-invalid-user"
    default_message = "There is no user with this username"


class UnknownUserError(DomainError):
    """There is no user with this ID, name, address or import ID."""

    code: ClassVar[None] = None
    default_message = "User not found."


class UserNotNamedError(DomainError):
    """The call doesn't identify a user."""

    code: ClassVar[str] = "error-user-param-not-provided"
    default_message = 'The required "userId" or "username" param was not provided'


class NoMatchingUserError(DomainError):
    """The call identifies a user who does not exist."""

    code: ClassVar[str] = "error-invalid-user"
    default_message = (
        'The required "userId" or "username" param provided does not match any users'
    )


class FieldTakenError(DomainError):
    """Another user has this username or address."""

    code: ClassVar[str] = "error-field-unavailable"


class InvalidUsernameError(DomainError):
    """The username contains characters that are not allowed."""

    code: ClassVar[str] = "error-input-is-not-a-valid-field"


class BlockedUsernameError(DomainError):
    """The username is reserved: users could mistake its owner for the server."""

    code: ClassVar[str] = "error-blocked-username"


class InvalidEmailError(DomainError):
    """The e-mail address is not valid."""

    code: ClassVar[str] = "error-invalid-email"


# The activity log ---------------------------------------------------------------------


class ActivityLogAlteredError(DomainError):
    """An entry of the activity log or its head record was altered or is missing."""

    code: ClassVar[str] = "error-activity-log-altered"
    default_message = "The head record is missing or was altered."


# Repeated calls -----------------------------------------------------------------------


class IdempotencyKeyReusedError(DomainError):
    """The key was used for another request."""

    code: ClassVar[str] = "error-idempotency-key-reused"
    http_status: ClassVar[int] = 422
    default_message = (
        "Idempotency-Key: this key was used for a request with another method, path,"
        " query or body within the last day. Use a new key"
    )


class IdempotencyKeyInUseError(DomainError):
    """The first call with the key is not complete."""

    code: ClassVar[str] = "error-idempotency-key-in-use"
    http_status: ClassVar[int] = 409
    default_message = (
        "Idempotency-Key: the first call with this key is still in progress. Repeat the"
        " call in a few seconds"
    )
