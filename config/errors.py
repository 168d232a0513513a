"""Expected failures, independent of HTTP."""

from __future__ import annotations

from typing import ClassVar


class DomainError(Exception):
    """An expected failure that a client can act on.

    The message is a sentence for people, `code` the stable name for programs. The
    API kernel turns it into `message [code]` with an `errorType` (wire-api.md 1.2);
    commands print the message alone.
    """

    code: ClassVar[str] = "error-unknown"

    def __init__(self, message: str, *, details: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
