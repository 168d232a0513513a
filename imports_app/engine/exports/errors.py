"""Errors of exports that several packages raise."""

from __future__ import annotations

from typing import ClassVar

from config.errors import DomainError


class ExportNotStoredError(DomainError):
    """The archives of the export are not on this server."""

    code: ClassVar[str] = "error-export-not-stored"
    default_message: ClassVar[str] = (
        "The archives of the export are not on this server: the export has not"
        " completed, or the archives were deleted. Start the export again."
    )
