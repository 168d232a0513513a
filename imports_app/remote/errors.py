"""Errors of calls to other servers."""

from __future__ import annotations

from typing import ClassVar

from config.errors import DomainError


class RemoteError(DomainError):
    """A call to another server failed.

    Attributes:
        is_temporary: Whether the error is temporary, so that a retry may help.
        may_have_succeeded: Whether the server may have processed the call.
        retry_after: Seconds that the server asks to wait, or `None`.
    """

    code: ClassVar[str] = "remote-refused"
    http_status: ClassVar[int] = 502

    def __init__(
        self,
        message: str,
        *,
        is_temporary: bool = False,
        may_have_succeeded: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.is_temporary = is_temporary
        self.may_have_succeeded = may_have_succeeded
        self.retry_after = retry_after


class RemoteRefusedError(RemoteError):
    """The server refuses the call and states the reason."""


class RemoteUnreachableError(RemoteError):
    """There was no response, or a proxy responded."""

    code: ClassVar[str] = "remote-unreachable"


class RemoteTokenError(RemoteError):
    """The server does not accept the token."""

    code: ClassVar[str] = "remote-token-refused"


class RemotePermissionError(RemoteError):
    """The user of the token lacks a permission."""

    code: ClassVar[str] = "remote-permission-missing"


class RemoteRateLimitError(RemoteError):
    """The server limits the rate of calls."""

    code: ClassVar[str] = "remote-rate-limited"


class RemoteTooLargeError(RemoteError):
    """The server or its proxy refuses a body of this size."""

    code: ClassVar[str] = "remote-body-too-large"


class RemoteResponseError(RemoteError):
    """The response does not have the format of the server's API."""

    code: ClassVar[str] = "remote-odd-answer"
