"""Errors of the endpoints that read the workspace."""

from __future__ import annotations

from typing import ClassVar, Self

from config.errors import DomainError
from imports_app.api.workspace.kinds import DIRECT, RoomKind


class RoomNotNamedError(DomainError):
    """The room parameter is missing."""

    code: ClassVar[str] = "error-roomid-param-not-provided"
    default_message = 'The parameter "roomId" or "roomName" is required'


class DirectRoomNotNamedError(DomainError):
    """The parameter for direct messages is missing."""

    code: ClassVar[str] = "error-room-param-not-provided"
    default_message = 'Query param "roomId" or "username" is required'


class RoomNotFoundError(DomainError):
    """The room does not exist, or the caller may not read it."""

    code: ClassVar[str] = "error-room-not-found"

    @classmethod
    def of(cls, kind: RoomKind | None) -> Self:
        """Return the error in Rocket.Chat's words for a kind of rooms."""
        other = "username" if kind is DIRECT else "roomName"
        noun = "channel" if kind is None else kind.noun
        return cls(
            f'The required "roomId" or "{other}" param provided does not match any'
            f" {noun}"
        )


class InvalidMessageError(DomainError):
    """The message does not exist, or the caller may not read it."""

    code: ClassVar[str] = "error-invalid-message"
    default_message = "Invalid Message"


class NotAllowedError(DomainError):
    """The room does not exist, or the caller may not read it."""

    code: ClassVar[str] = "error-not-allowed"
    default_message = "Not Allowed"


class SearchRoomNotNamedError(DomainError):
    """The room parameter of a search is missing."""

    code: ClassVar[str] = "error-roomId-param-not-provided"
    default_message = 'The required "roomId" query param is missing.'


class SearchTextMissingError(DomainError):
    """The text of a search is missing."""

    code: ClassVar[str] = "error-searchText-param-not-provided"
    default_message = 'The required "searchText" query param is missing.'
