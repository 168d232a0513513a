"""Errors of imports into Mattermost."""

from __future__ import annotations

from typing import ClassVar

from config.errors import DomainError


class MattermostImportError(DomainError):
    """Mattermost could not import the archive, or its import was cancelled."""

    code: ClassVar[str] = "error-mattermost-import-failed"


class MattermostUploadError(DomainError):
    """Mattermost did not keep the uploaded archive."""

    code: ClassVar[str] = "error-mattermost-upload-failed"
    default_message: ClassVar[str] = (
        "Mattermost did not keep the uploaded archive. Check its log and its file"
        " storage, then send the archive again."
    )


class ArchiveTooLargeError(DomainError):
    """Mattermost does not accept a file of this size."""

    code: ClassVar[str] = "error-mattermost-archive-too-large"


class SenderNotAllowedError(DomainError):
    """The initiator of an import may no longer send the content of the archive."""

    code: ClassVar[str] = "error-mattermost-import-not-allowed"
    default_message: ClassVar[str] = (
        "The user who started this import may no longer manage connected servers or"
        " read all rooms and users, or was deleted. Send the archive again."
    )


class ServerDisabledError(DomainError):
    """The connected server is disabled."""

    code: ClassVar[str] = "error-server-disabled"
    default_message: ClassVar[str] = (
        "The connected server is disabled. Enable it, then send the archive again."
    )
