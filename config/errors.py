"""Expected failures, independent of HTTP."""

from __future__ import annotations

from typing import Any, ClassVar


class TooLargeError(Exception):
    """More was sent than the server takes."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class DomainError(Exception):
    """An expected failure that a client can act on.

    The message is a sentence for people, `code` the stable name for programs. The
    API kernel turns it into `message [code]` with an `errorType` (wire-api.md 1.2);
    commands print the message alone.
    """

    code: ClassVar[str | None] = "error-unknown"
    """`None` for the few failures that the wire gives no name."""
    shows_code: ClassVar[bool] = True
    """Whether the text repeats the code in brackets."""

    default_message: ClassVar[str] = ""

    def __init__(self, message: str = "", *, details: Any = None) -> None:
        self.message = message or self.default_message
        super().__init__(self.message)
        self.details = details

    @property
    def text(self) -> str:
        """The message as the wire tells it."""
        if self.code is None or not self.shows_code:
            return self.message
        return f"{self.message} [{self.code}]"
