"""Errors of uploads that are received in parts."""

from __future__ import annotations

from typing import ClassVar, Self

from config.errors import DomainError


class UploadLimitError(DomainError):
    """There are too many unfinished uploads."""

    code: ClassVar[str] = "error-too-many-uploads"
    default_message: ClassVar[str] = (
        "The server has too many unfinished uploads. Try again later."
    )

    @classmethod
    def of_user(cls, limit: int) -> Self:
        """Return the error of a user with too many unfinished uploads."""
        return cls(
            f"You have {limit} unfinished uploads. Continue or cancel one of them."
        )


class UploadNotFoundError(DomainError):
    """The upload does not exist, has expired, or belongs to another user."""

    code: ClassVar[str] = "error-upload-not-found"
    http_status: ClassVar[int] = 404
    default_message: ClassVar[str] = (
        "The upload does not exist, has expired or was cancelled. Start it again."
    )


class UploadElsewhereError(DomainError):
    """The received bytes are on another machine."""

    code: ClassVar[str] = "error-upload-elsewhere"
    http_status: ClassVar[int] = 503
    default_message: ClassVar[str] = (
        "The upload was started on another machine of this server. Try again, or ask"
        " the administrator to send each client to the same machine."
    )


class UploadOffsetError(DomainError):
    """A part does not begin where the received bytes end."""

    code: ClassVar[str] = "error-upload-offset"
    http_status: ClassVar[int] = 409

    @classmethod
    def of(cls, offset: int) -> Self:
        """Return the error with the number of received bytes."""
        return cls(f"The next part must begin at byte {offset}.")


class UploadLockedError(DomainError):
    """Another request is writing a part of the upload."""

    code: ClassVar[str] = "error-upload-locked"
    http_status: ClassVar[int] = 423
    default_message: ClassVar[str] = (
        "Another request is writing a part of this upload. Try again in a few seconds."
    )


class UploadTooLongError(DomainError):
    """A part goes beyond the size of the file."""

    code: ClassVar[str] = "error-upload-too-long"
    http_status: ClassVar[int] = 413
    default_message: ClassVar[str] = (
        "The part exceeds the size of the file. Send fewer bytes."
    )


class UploadChecksumError(DomainError):
    """The checksum of a part does not match; 460 is the status of the tus protocol."""

    code: ClassVar[str] = "error-upload-checksum"
    http_status: ClassVar[int] = 460
    default_message: ClassVar[str] = (
        "The part does not match its checksum and was discarded. Send it again."
    )


class UploadIncompleteError(DomainError):
    """The upload can't be imported because bytes are missing."""

    code: ClassVar[str] = "error-upload-incomplete"
    http_status: ClassVar[int] = 409

    @classmethod
    def of(cls, offset: int, size: int) -> Self:
        """Return the error with the received and the expected number of bytes."""
        return cls(f"The upload has {offset:,} of {size:,} bytes. Send the rest first.")


class UploadDigestError(DomainError):
    """The SHA-256 of the complete file is not the expected one."""

    code: ClassVar[str] = "error-upload-digest"

    @classmethod
    def of(cls, digest: str) -> Self:
        """Return the error with the digest of the received file."""
        return cls(
            "The received file differs from the one that was sent, or the file changed"
            f" during the upload (SHA-256 {digest}). Upload it again."
        )


class UploadTakenError(DomainError):
    """Another request has already started the import of the upload."""

    code: ClassVar[str] = "error-upload-taken"
    default_message: ClassVar[str] = (
        "The upload has already been imported. Open its import."
    )
