"""Errors of connected servers and deliveries."""

from __future__ import annotations

from typing import ClassVar

from config.errors import DomainError


class ServerAddressError(DomainError):
    """The address of a connected server is not allowed."""

    code: ClassVar[str] = "error-invalid-server-address"


class ServerNotFoundError(DomainError):
    """No connected server has this name."""

    code: ClassVar[str] = "error-server-not-found"
    http_status: ClassVar[int] = 404

    def __init__(self, name: str = "") -> None:
        super().__init__(
            f"There is no connected server {name[:50]!r}. Check the name in the"
            " list of connected servers."
        )


class InvalidServerError(DomainError):
    """A value of a connected server is not valid, or its name is taken."""

    code: ClassVar[str] = "error-invalid-server"


class ServerTokenError(DomainError):
    """The token of a connected server is missing or must be entered again."""

    code: ClassVar[str] = "error-server-token-required"


class ServerLimitError(DomainError):
    """The number of connected servers is at its maximum."""

    code: ClassVar[str] = "error-too-many-servers"


class ServerInUseError(DomainError):
    """The connected server can't be deleted."""

    code: ClassVar[str] = "error-server-in-use"
    default_message: ClassVar[str] = (
        "This server has deliveries, so it can't be deleted. Disable it instead."
    )


class DeliveryNotFoundError(DomainError):
    """There is no such delivery."""

    code: ClassVar[str] = "error-delivery-not-found"
    http_status: ClassVar[int] = 404
    default_message: ClassVar[str] = "There is no delivery with this ID."


class DeliveryActiveError(DomainError):
    """The server has a delivery that has not ended."""

    code: ClassVar[str] = "error-delivery-active"
    default_message: ClassVar[str] = (
        "Another delivery to this server has not ended. Wait, or cancel it."
    )


class DeliveryStateError(DomainError):
    """The delivery is not in a state for this action."""

    code: ClassVar[str] = "error-delivery-state"


class DeliveryRoomUnknownError(DomainError):
    """A room of the delivery does not exist."""

    code: ClassVar[str] = "error-room-not-found"


class SendingNotAllowedError(DomainError):
    """The caller may not read all rooms and users."""

    code: ClassVar[str] = "error-action-not-allowed"
    default_message: ClassVar[str] = (
        "Deliveries require view-room-administration and view-user-administration"
    )
