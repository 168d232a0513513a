"""Errors that stop a delivery until a person acts."""

from __future__ import annotations

from typing import ClassVar

from config.errors import DomainError


class DeliveryFailedError(DomainError):
    """The delivery can't continue by itself; the message says what to do."""

    code: ClassVar[str] = "error-delivery-failed"


class DeliveryConflictError(DomainError):
    """The preview contains something that must not be delivered like this."""

    code: ClassVar[str] = "error-delivery-conflict"
