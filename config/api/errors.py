"""Failures that only the API knows."""

from __future__ import annotations

from typing import ClassVar

from config.errors import DomainError


class InvalidParamsError(DomainError):
    """A parameter is missing, unknown, or of the wrong form (wire-api.md 1.4)."""

    code: ClassVar[str] = "invalid-params"


class ForbiddenError(Exception):
    """The caller may not do this; told in the shortest form (wire-api.md 1.2)."""


class UnreadableQueryError(Exception):
    """The query string can't be decoded."""


class UsernameRequiredError(Exception):
    """The caller's account has no username yet (wire-api.md 1.3)."""


class TooManyRequestsError(Exception):
    """The caller is over the rate limit."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(wait_seconds)
        self.wait_seconds = wait_seconds


class NotModified(Exception):  # noqa: N818 - an answer, not an error
    """The client holds the present version already."""


class BodyAdmitted(Exception):  # noqa: N818 - an answer, not an error
    """The web server may receive the body, and ask again with it."""
