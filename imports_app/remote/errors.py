"""Errors of calls to other servers."""

from __future__ import annotations

from typing import ClassVar

from config.errors import DomainError


class RemoteError(DomainError):
    """A call to another server failed.

    Attributes:
        is_passing: Whether the error is temporary, so that a retry may help.
        is_unclear: Whether the call may have had its effect nevertheless.
        retry_after: Seconds that the server asks to wait, or `None`.
    """

    code: ClassVar[str] = "remote-refused"
    http_status: ClassVar[int] = 502

    def __init__(
        self,
        message: str,
        *,
        is_passing: bool = False,
        is_unclear: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.is_passing = is_passing
        self.is_unclear = is_unclear
        self.retry_after = retry_after


class RemoteRefusedError(RemoteError):
    """The server refuses the call, for a reason that it states."""


class RemoteUnreachableError(RemoteError):
    """There was no response, or a proxy responded."""

    code: ClassVar[str] = "remote-unreachable"


class RemoteTokenError(RemoteError):
    """The server does not accept the token."""

    code: ClassVar[str] = "remote-token-refused"


class RemotePermissionError(RemoteError):
    """The user of the token lacks a permission."""

    code: ClassVar[str] = "remote-permission-missing"


class RemoteBusyError(RemoteError):
    """The server limits the rate of calls."""

    code: ClassVar[str] = "remote-rate-limited"


class RemoteTooLargeError(RemoteError):
    """The server or its proxy refuses a body of this size."""

    code: ClassVar[str] = "remote-body-too-large"


class RemoteAnswerError(RemoteError):
    """The response is not what Rocket.Chat's API returns."""

    code: ClassVar[str] = "remote-odd-answer"
