"""Errors that stop a delivery until a user resumes it."""

from __future__ import annotations

from typing import ClassVar

from config.errors import DomainError


class DeliveryFailedError(DomainError):
    """The delivery can't continue by itself; the message says what to do."""

    code: ClassVar[str] = "error-delivery-failed"


class DeliveryNotAllowedError(DomainError):
    """The user who is responsible for the delivery may no longer deliver."""

    code: ClassVar[str] = "error-delivery-not-allowed"
    default_message: ClassVar[str] = (
        "The user who started this delivery may no longer manage connected servers or"
        " read all rooms and users, or was deleted. Another user can resume it."
    )


class ServerDisabledError(DomainError):
    """The connected server is disabled."""

    code: ClassVar[str] = "error-server-disabled"
    default_message: ClassVar[str] = (
        "The connected server is disabled. Enable it, then resume the delivery."
    )


class DeliveryConflictError(DomainError):
    """The preview contains a conflict."""

    code: ClassVar[str] = "error-delivery-conflict"
