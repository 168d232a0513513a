"""Expected failures around imports."""

from __future__ import annotations

from typing import ClassVar, Final, Self

from config.errors import DomainError


class DemoNameTakenError(DomainError):
    """A person has a name that the demo gives to an account of its own."""

    code: ClassVar[str] = "error-demo-name-taken"


class SourceError(DomainError):
    """A source as a whole can't be read; the operation fails with this code.

    The message tells a person what to do.
    """

    def __init__(self, code: str, message: str, *, details: str | None = None) -> None:
        super().__init__(message, details=details)
        self.code = code  # type: ignore[misc] # one class for all codes of sources


class InvalidOptionError(DomainError):
    """How a file is to be read is said wrongly, or its importer takes no such word."""

    code: ClassVar[str] = "error-invalid-reading-option"


class ImporterNotDefinedError(DomainError):
    """No importer has this key (wire-api.md 2.1)."""

    code: ClassVar[str] = "error-importer-not-defined"

    @classmethod
    def of(cls, key: str, details: str) -> Self:
        """Return the failure as the wire tells it, for the endpoint in `details`."""
        text = f"The importer ({key}) has no import class defined."
        return cls(text, details=details)


class OperationNotFoundError(DomainError):
    """There is no operation to act on (wire-api.md 2.3)."""

    code: ClassVar[str] = "error-operation-not-found"
    default_message: ClassVar[str] = "Import Operation Not Found"


class OperationEndedError(DomainError):
    """The operation is over, so it can't be cancelled."""

    code: ClassVar[str] = "error-operation-ended"
    default_message: ClassVar[str] = "The import operation is over already."


class OperationRunningError(DomainError):
    """The operation is not over, so nothing of it can be tried again yet."""

    code: ClassVar[str] = "error-operation-running"
    default_message: ClassVar[str] = (
        "The import operation is not over yet: wait, or cancel it."
    )


class OperationInProgressError(DomainError):
    """A new operation would end another that nobody agreed to end."""

    code: ClassVar[str] = "error-operation-going-on"

    @classmethod
    def of(cls, name: str) -> Self:
        """Return the failure, naming the operation that is going on."""
        return cls(
            f"Another import is going on, {name}. Wait until it is over, or agree to"
            " take its place."
        )


class NothingToRetryError(DomainError):
    """No record failed that another try could help."""

    code: ClassVar[str] = "error-nothing-to-retry"
    default_message: ClassVar[str] = (
        "Nothing failed that could be tried again. Correct unreadable rows in"
        " failures.zip and upload that."
    )


class InvalidOperationError(DomainError):
    """Another operation has taken its place (wire-api.md 2.3)."""

    code: ClassVar[str] = "error-import-operation-invalid"
    default_message: ClassVar[str] = "Invalid Import Operation"


class OperationUnusableError(DomainError):
    """The operation is not valid; the wire's text is the code (wire-api.md 2.15)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = "error-operation-not-found"


class OperationUnusableStatusError(DomainError):
    """The operation does not wait for a selection (wire-api.md 2.5)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = "error-invalid-operation-status"


class ImporterUnusableError(DomainError):
    """The operation's importer is unknown (wire-api.md 2.15)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = "error-importer-not-defined"


class SelectionTooLongError(DomainError):
    """More is chosen one by one, or by more rules, than a selection keeps."""

    code: ClassVar[str] = "error-selection-too-long"
    default_message: ClassVar[str] = (
        "That is too much to choose one by one. Search for what they have in common,"
        " and take or leave all that match; or start over with all or none."
    )


class PrivilegedMatchNotFoundError(DomainError):
    """A match was confirmed that does not exist, or not any more."""

    code: ClassVar[str] = "error-privileged-match-not-found"
    default_message: ClassVar[str] = (
        "The record no longer matches this privileged user. Check the match again."
    )

    @classmethod
    def of(cls, name: str) -> Self:
        """Return the failure, naming the record or user."""
        return cls(f"`{name}` is not part of a match with a privileged user.")


class ConfirmationForbiddenError(DomainError):
    """A match was confirmed by somebody who may not edit the privileged user."""

    code: ClassVar[str] = "error-confirmation-not-allowed"
    default_message: ClassVar[str] = (
        "Only a person who may edit the privileged user can confirm the match."
    )

    @classmethod
    def of(cls, name: str) -> Self:
        """Return the failure, naming the user."""
        return cls(
            f"You can't confirm a match with `{name}`: this needs"
            " edit-other-user-info and every permission of that user."
        )


class OperationNotInitializedError(DomainError):
    """There is no operation that users could be added to (wire-api.md 2.14)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = "Import operation not initialized."


class OperationClosedError(DomainError):
    """The operation is loading or importing (wire-api.md 2.14)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = (
        "The current import operation can not receive new data."
    )


class OperationFinishedError(DomainError):
    """The operation is over (wire-api.md 2.14)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = "The current import operation is already finished."


class MissingUserDataError(DomainError):
    """A user has no address or no import id (wire-api.md 2.14)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = "Users are missing required data."


class InvalidRolesError(DomainError):
    """A role does not exist (wire-api.md 2.14)."""

    code: ClassVar[None] = None
    default_message: ClassVar[str] = (
        "One or more of the users have been assigned invalid roles."
    )


class ImportFileMissingError(DomainError):
    """An address that is none, or that leads into a private network (wire-api.md 2.2).

    The message begins with the address.
    """

    code: ClassVar[str] = "error-import-file-missing"


class DownloadRefusedError(DomainError):
    """The server at an address does not give the file (wire-api.md 2.2)."""

    code: ClassVar[None] = None


class InvalidFileNameError(DomainError):
    """A file's name could lead somewhere, or is too long."""

    code: ClassVar[str] = "error-invalid-file-name"


class InvalidFileError(DomainError):
    """What was sent is not base64 (wire-api.md 2.1)."""

    code: ClassVar[str] = "error-invalid-file"


class FileGoneError(DomainError):
    """The server does not have an operation's file any more."""

    code: ClassVar[str] = "error-file-gone"
    default_message: ClassVar[str] = (
        "The server does not have the file any more: upload it again."
    )


class StorageFullError(DomainError):
    """The server has no room for the file."""

    code: ClassVar[str] = "error-storage-full"
    default_message: ClassVar[str] = (
        "The server can't store the file: its disk is full or can't be written."
    )


class UploadQuotaError(DomainError):
    """The user's uploads take as much as they may."""

    code: ClassVar[str] = "error-upload-quota-exceeded"

    @classmethod
    def of_files(cls, kept: int, limit: int) -> Self:
        """Return the error for too many files."""
        return cls(
            f"The server keeps {kept} files that you uploaded, and {limit} are allowed."
            f" {_WAYS_OUT}"
        )

    @classmethod
    def of_bytes(cls, used: int, size: int, limit: int) -> Self:
        """Return the error for too many bytes."""
        return cls(
            f"Your uploads take {used} bytes, the file has {size}, and {limit} are"
            f" allowed in all. {_WAYS_OUT}"
        )


_WAYS_OUT: Final = (
    "Files of imports that are over are removed after RETENTION_DAYS. An operator can"
    " remove them earlier with manage.py prune, or raise the quota."
)
