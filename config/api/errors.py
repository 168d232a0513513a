"""Errors of the API."""

from __future__ import annotations

from typing import ClassVar

from config.errors import DomainError


class InvalidParamsError(DomainError):
    """A parameter is missing, unknown or not valid (wire-api.md 1.4)."""

    code: ClassVar[str] = "invalid-params"


class ForbiddenError(Exception):
    """The caller lacks a permission that depends on the parameters.

    Returns the short error (wire-api.md 1.2).
    """

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


class UnreadableQueryError(Exception):
    """The query string can't be decoded."""


class UsernameRequiredError(Exception):
    """The caller has no username (wire-api.md 1.3)."""


class TooManyRequestsError(Exception):
    """The caller exceeded the rate limit."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(wait_seconds)
        self.wait_seconds = wait_seconds


class NotModified(Exception):  # noqa: N818 - a response, not an error
    """The client already has the current version."""


class BodyAdmitted(Exception):  # noqa: N818 - a response, not an error
    """The web server may receive the body and run the request again."""


class IdempotencyKeyInvalidError(DomainError):
    """The header Idempotency-Key can't be used for this call."""

    code: ClassVar[str] = "error-idempotency-key-invalid"
