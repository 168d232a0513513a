"""Upload handler that streams files to disk with size and permission checks.

Django parses the whole body of a form to read the CSRF token, before any view checks
permissions. An anonymous upload to any page would be written to disk and rejected
afterwards. This handler checks permissions when a file begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.urls import resolve, reverse

from accounts.permission_names import PermissionName
from config.errors import DomainError, TooLargeError
from imports_app.admin.base import actor_of
from imports_app.services.uploading.uploads import check_upload_quota
from imports_app.uploads.incoming import Incoming, Received

_PAGE: Final = "admin:imports_app_importoperation_new_page"
_FORM_BYTES: Final = 16 * 1024 * 1024
"""Bytes allowed for the form in addition to the file."""
_REQUIRED_PERMISSIONS: Final = (
    PermissionName.VIEW_IMPORT_OPERATIONS,
    PermissionName.RUN_IMPORT,
)


def body_limit(request: HttpRequest) -> int:
    """Return the maximum size of a form in bytes.

    A file slightly over the limit is still received, so that the page can say so.

    Raises:
        PermissionDenied: The user may not upload files.
    """
    if request.path != reverse(_PAGE) or not request.user.is_authenticated:
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    if not all(request.user.has_perm(name) for name in _REQUIRED_PERMISSIONS):
        raise PermissionDenied
    return int(settings.FILE_MAX_BYTES) + _FORM_BYTES


def _is_page_of_decisions(request: HttpRequest) -> bool:
    match = resolve(request.path_info)
    return match.view_name == "admin:imports_app_importoperation_decisions"


class AcceptedUpload(UploadedFile[bytes]):
    """Uploaded file that is stored in the upload folder."""

    def __init__(self, name: str | None, received: Received, **more: Any) -> None:
        super().__init__(None, name, size=received.size, **more)
        self.received = received

    def close(self) -> None:
        """Remove the file, unless an import has moved it."""
        self.received.path.unlink(missing_ok=True)


class RejectedUpload(UploadedFile[bytes]):
    """Uploaded file that was rejected."""

    def __init__(self, name: str | None, error: str) -> None:
        super().__init__(None, name, size=0)
        self.error = error
        """Why it was rejected, as a sentence for the user."""

    def close(self) -> None:
        """Do nothing; no bytes are stored."""


class ImportFileHandler(FileUploadHandler):
    """Upload handler that accepts the file of the new import form.

    The only other page that accepts a file is that of decisions. Its small file, whose
    size `body_limit` limits, goes to the next handler.
    """

    chunk_size = 1024 * 1024
    file: Incoming
    is_for_next = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Start a file, or reject it by page, number of files or permission.

        Raises:
            PermissionDenied: The file is rejected; the rest of the body is not read.
        """
        super().new_file(*args, **kwargs)
        request = self.request
        is_first = not hasattr(self, "file") and not self.is_for_next
        if request is None or not is_first:
            raise PermissionDenied
        self.is_for_next = _is_page_of_decisions(request)
        if request.path != reverse(_PAGE) and not self.is_for_next:
            raise PermissionDenied
        if not all(request.user.has_perm(name) for name in _REQUIRED_PERMISSIONS):
            raise PermissionDenied
        if self.is_for_next:
            return
        self.error = ""
        with self._capture_error():
            check_upload_quota(actor_of(request))
            self.file = Incoming(settings.FILE_MAX_BYTES)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Write a chunk; after an error, discard it.

        A browser shows no response before it has sent the whole body.
        """
        if self.is_for_next:
            return raw_data
        if not self.error:
            with self._capture_error():
                self.file.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        """Return the stored file, or the rejected one with its error."""
        if self.is_for_next:
            return None
        if not self.error:
            with self._capture_error():
                received = self.file.complete()
                return AcceptedUpload(
                    self.file_name, received, content_type=self.content_type
                )
        return RejectedUpload(self.file_name, self.error)

    def upload_interrupted(self) -> None:
        """Remove an incomplete file."""
        if hasattr(self, "file") and not self.error:
            self.file.close()

    @contextmanager
    def _capture_error(self) -> Iterator[None]:
        """Store an error for the form and close the file."""
        try:
            yield
        except (TooLargeError, DomainError) as error:
            self.error = error.message
            if hasattr(self, "file"):
                self.file.close()
