"""Base classes of expected errors, independent of HTTP."""

from __future__ import annotations

from typing import Any, ClassVar


class TooLargeError(Exception):
    """The request is larger than the server accepts."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class DomainError(Exception):
    """An expected error that a client can act on.

    The message is for users, `code` is a stable name for programs. The API returns
    `message [code]` with an `errorType` (wire-api.md 1.2). Commands print the message.
    """

    code: ClassVar[str | None] = "error-unknown"
    """`None` for the few errors that have no code in the API."""
    http_status: ClassVar[int] = 400
    shows_code: ClassVar[bool] = True
    """Whether the text ends with the code in brackets."""

    default_message: ClassVar[str] = ""

    def __init__(self, message: str = "", *, details: Any = None) -> None:
        self.message = message or self.default_message
        super().__init__(self.message)
        self.details = details

    @property
    def text(self) -> str:
        """The error text of the API."""
        if self.code is None or not self.shows_code:
            return self.message
        return f"{self.message} [{self.code}]"
