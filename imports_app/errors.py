"""Domain errors of imports."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final, Self

from config.errors import DomainError
from config.units import format_bytes


class DemoNameTakenError(DomainError):
    """A username that the demo needs is taken."""

    code: ClassVar[str] = "error-demo-name-taken"


class FolderNotEmptyError(DomainError):
    """The folder for an export is not empty."""

    code: ClassVar[str] = "error-folder-not-empty"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"The folder {folder} is not empty. Choose a new one.")


class SourceError(DomainError):
    """The source can't be read; the operation fails with this code.

    The message says how to fix the problem.
    """

    def __init__(self, code: str, message: str, *, details: str | None = None) -> None:
        super().__init__(message, details=details)
        self.code = code  # type: ignore[misc] # one class for all source error codes


class InvalidOptionError(DomainError):
    """A reading option is not valid or not supported by the importer."""

    code: ClassVar[str] = "error-invalid-reading-option"


class ImporterNotDefinedError(DomainError):
    """No importer has this key (wire-api.md 2.1)."""

    code: ClassVar[str] = "error-importer-not-defined"

    @classmethod
    def of(cls, key: str, details: str) -> Self:
        """Return the error in Rocket.Chat's words for the endpoint in `details`."""
        text = f"The importer ({key}) has no import class defined."
        return cls(text, details=details)


class OperationNotFoundError(DomainError):
    """The operation does not exist (wire-api.md 2.3)."""

    code: ClassVar[str] = "error-operation-not-found"
    default_message: ClassVar[str] = "Import Operation Not Found"


class OperationEndedError(DomainError):
    """The operation has finished and can't be cancelled."""

    code: ClassVar[str] = "error-operation-ended"
    default_message: ClassVar[str] = "The import operation has already finished."


class OperationRunningError(DomainError):
    """The operation has not finished and can't be retried yet."""

    code: ClassVar[str] = "error-operation-running"
    default_message: ClassVar[str] = (
        "The import operation has not finished yet. Wait or cancel it."
    )


class OperationInProgressError(DomainError):
    """Another operation is active, and the request does not allow replacing it."""

    code: ClassVar[str] = "error-operation-going-on"

    @classmethod
    def of(cls, name: str) -> Self:
        """Return the error with the name of the active operation."""
        return cls(
            f"Another import is in progress: {name}. Wait until it finishes, or confirm"
            " that the new import cancels it."
        )


class NotReconciledError(DomainError):
    """The import has not run, or its run has not ended."""

    code: ClassVar[str] = "error-not-reconciled"
    default_message: ClassVar[str] = (
        "The import has not run yet, or is still running. Wait until it has finished."
    )


class NothingLeftError(DomainError):
    """The import has processed all its records, or has never been started."""

    code: ClassVar[str] = "error-nothing-left"
    default_message: ClassVar[str] = (
        "No records of this import are left, or its file is no longer stored. Records"
        " can be left after a trial run, or if a run was cancelled, replaced or failed."
    )


class NothingToRetryError(DomainError):
    """No failed record can be retried."""

    code: ClassVar[str] = "error-nothing-to-retry"
    default_message: ClassVar[str] = (
        "No failed records can be retried. Correct the unreadable rows in failures.zip"
        " and upload the archive."
    )


class InvalidOperationError(DomainError):
    """The operation was replaced by a newer one (wire-api.md 2.3)."""

    code: ClassVar[str] = "error-import-operation-invalid"
    default_message: ClassVar[str] = "Invalid Import Operation"


class OperationUnusableError(DomainError):
    """The operation is not valid; the wire's text is the code (wire-api.md 2.15)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = "error-operation-not-found"


class OperationUnusableStatusError(DomainError):
    """The operation is not ready to import (wire-api.md 2.5)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = "error-invalid-operation-status"


class PlanChangedError(DomainError):
    """The import would have other effects than the plan that the caller confirmed."""

    code: ClassVar[str] = "error-import-plan-changed"
    default_message: ClassVar[str] = (
        "The preview is outdated. Nothing was imported. Review the new preview and"
        " start again."
    )


class FilesDownloadingError(DomainError):
    """The import can't start while its linked files are being downloaded."""

    code: ClassVar[str] = "error-files-downloading"
    default_message: ClassVar[str] = (
        "The linked files are being downloaded. Wait until the download ends or stop"
        " it, then start the import."
    )


class ImporterUnusableError(DomainError):
    """The operation's importer is unknown (wire-api.md 2.15)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = "error-importer-not-defined"


class SelectionTooLongError(DomainError):
    """A selection has too many individual records or rules."""

    code: ClassVar[str] = "error-selection-too-long"
    default_message: ClassVar[str] = (
        "Too many records are selected individually. Select or deselect all matches of"
        " a search instead."
    )


class PrivilegedMatchNotFoundError(DomainError):
    """A confirmed match does not exist or no longer exists."""

    code: ClassVar[str] = "error-privileged-match-not-found"
    default_message: ClassVar[str] = (
        "The record no longer matches this privileged user. Check the match again."
    )

    @classmethod
    def of(cls, name: str) -> Self:
        """Return the error with the name of the record or user."""
        return cls(f"`{name}` is not part of a match with a privileged user.")


class ConfirmationForbiddenError(DomainError):
    """The actor may not edit the privileged user of a confirmed match."""

    code: ClassVar[str] = "error-confirmation-not-allowed"
    default_message: ClassVar[str] = (
        "You can't confirm the match, because you may not edit the privileged user."
        " Ask an administrator to confirm it."
    )

    @classmethod
    def of(cls, name: str) -> Self:
        """Return the error with the name of the user."""
        return cls(
            f"You can't confirm a match with `{name}`: this requires"
            " edit-other-user-info and every permission of that user."
        )


class CorrectionInvalidError(DomainError):
    """A record can't be corrected, or a value is not valid; the message says why."""

    code: ClassVar[str] = "error-invalid-correction"


class CorrectionChangedError(DomainError):
    """Another user changed the correction in the meantime."""

    code: ClassVar[str] = "error-correction-changed"
    default_message: ClassVar[str] = (
        "The correction of this record has changed in the meantime. Check the current"
        " values and save again."
    )


class CorrectionForbiddenError(DomainError):
    """The actor lacks a permission that the correction requires."""

    code: ClassVar[str] = "error-correction-not-allowed"

    @classmethod
    def of_message(cls) -> Self:
        """Return the error of a message that will be imported without a correction."""
        return cls(
            "The message will be imported without changes. To read and correct it"
            " here, you need the permission view-room-administration."
        )


class DecisionInvalidError(DomainError):
    """A decision can't be applied; the message names its place and record."""

    code: ClassVar[str] = "error-invalid-decision"


class DecisionForbiddenError(DomainError):
    """The actor lacks a permission that a decision requires."""

    code: ClassVar[str] = "error-decision-not-allowed"


class DecisionFileError(DomainError):
    """A file of decisions has another format or is too large."""

    code: ClassVar[str] = "error-invalid-decision-file"


class OperationNotInitializedError(DomainError):
    """No operation can receive users (wire-api.md 2.14)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = "Import operation not initialized."


class OperationClosedError(DomainError):
    """The operation is loading or importing (wire-api.md 2.14)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = (
        "The current import operation can not receive new data."
    )


class OperationFinishedError(DomainError):
    """The operation has finished (wire-api.md 2.14)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = "The current import operation is already finished."


class MissingUserDataError(DomainError):
    """A user has no e-mail address or no import ID (wire-api.md 2.14)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = "Users are missing required data."


class InvalidRolesError(DomainError):
    """A role does not exist (wire-api.md 2.14)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = (
        "One or more of the users have been assigned invalid roles."
    )


class ImportFileMissingError(DomainError):
    """A URL is not valid or points to a private network (wire-api.md 2.2).

    The message begins with the URL.
    """

    code: ClassVar[str] = "error-import-file-missing"


class DownloadRefusedError(DomainError):
    """The remote server does not provide the file (wire-api.md 2.2)."""

    code: ClassVar[None] = None


class InvalidFileNameError(DomainError):
    """A file name contains a path or is too long."""

    code: ClassVar[str] = "error-invalid-file-name"


class InvalidFileError(DomainError):
    """The content is not base64 (wire-api.md 2.1)."""

    code: ClassVar[str] = "error-invalid-file"


class FileGoneError(DomainError):
    """The file of an operation is no longer stored."""

    code: ClassVar[str] = "error-file-gone"
    default_message: ClassVar[str] = (
        "The file is no longer on the server. Upload it again."
    )


class StorageFullError(DomainError):
    """The server has no disk space for the file."""

    code: ClassVar[str] = "error-storage-full"
    default_message: ClassVar[str] = (
        "The server can't store the file: the disk is full or not writable. Ask the"
        " administrator to free disk space."
    )


class StorageUnavailableError(DomainError):
    """The storage that all machines share is unavailable."""

    code: ClassVar[str] = "error-storage-unavailable"
    default_message: ClassVar[str] = (
        "The storage of uploads is not available. Try again later, or ask the"
        " administrator to check UPLOAD_STORAGE."
    )


class WebhookAddressError(DomainError):
    """The URL of a webhook is not allowed."""

    code: ClassVar[str] = "error-invalid-webhook-url"


class WebhookLimitError(DomainError):
    """The number of webhooks is at its maximum."""

    code: ClassVar[str] = "error-too-many-webhooks"


class UploadQuotaError(DomainError):
    """The user's upload quota is exceeded."""

    code: ClassVar[str] = "error-upload-quota-exceeded"

    @classmethod
    def of_files(cls, kept: int, limit: int) -> Self:
        """Return the error for too many files."""
        return cls(
            f"You have reached the limit of uploaded files ({kept} of {limit})."
            f" {_QUOTA_ADVICE}"
        )

    @classmethod
    def of_bytes(cls, used: int, size: int, limit: int) -> Self:
        """Return the error for too many bytes."""
        return cls(
            f"Your uploads use {format_bytes(used)} and this file is"
            f" {format_bytes(size)}, but the limit is {format_bytes(limit)}."
            f" {_QUOTA_ADVICE}"
        )


_QUOTA_ADVICE: Final = (
    "Files of finished imports are removed after RETENTION_DAYS. The administrator can"
    " remove them earlier with `manage.py prune` or raise the quota."
)


class UndoUnavailableError(DomainError):
    """The operation can't be undone; the message says why."""

    code: ClassVar[str] = "error-undo-not-available"
