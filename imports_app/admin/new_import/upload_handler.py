"""Files that arrive in forms: streamed to disk, bounded, and only where they may.

Django parses the whole body of a form for the token against forgery, before any page
asks who is there. So what a stranger sends anywhere would be written to disk first, and
refused afterwards. It is asked here, when a file begins.
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
from django.urls import reverse

from accounts.permission_names import PermissionName
from config.errors import DomainError, TooLargeError
from imports_app.admin.base import actor_of
from imports_app.services.uploads import refuse_over_quota
from imports_app.uploads.storage import Incoming, Received

_PAGE: Final = "admin:imports_app_importoperation_new_page"
_FORM_BYTES: Final = 16 * 1024 * 1024
"""Bytes of a form beyond its file."""
_NEEDED: Final = (PermissionName.VIEW_IMPORT_OPERATIONS, PermissionName.RUN_IMPORT)


def body_limit(request: HttpRequest) -> int:
    """Return the largest form that a page takes, in bytes.

    A file that is slightly too large is received, so that the page can say so.

    Raises:
        PermissionDenied: A file may not come from this user.
    """
    if request.path != reverse(_PAGE) or not request.user.is_authenticated:
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    if not all(request.user.has_perm(name) for name in _NEEDED):
        raise PermissionDenied
    return int(settings.FILE_MAX_BYTES) + _FORM_BYTES


class AcceptedUpload(UploadedFile[bytes]):
    """A file of a form that lies where imports lie."""

    def __init__(self, name: str | None, received: Received, **more: Any) -> None:
        super().__init__(None, name, size=received.size, **more)
        self.received = received

    def close(self) -> None:
        """Remove it, unless an import has it by now."""
        self.received.path.unlink(missing_ok=True)


class RejectedUpload(UploadedFile[bytes]):
    """A file of a form that could not be taken."""

    def __init__(self, name: str | None, trouble: str) -> None:
        super().__init__(None, name, size=0)
        self.trouble = trouble
        """A sentence that says why."""

    def close(self) -> None:
        """Nothing is left of it."""


class ImportFileHandler(FileUploadHandler):
    """Takes the file of the new import's form, and refuses every other."""

    chunk_size = 1024 * 1024
    file: Incoming

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Refuse a file unless it is the only one, where and from whom it may come.

        Raises:
            PermissionDenied: The rest of the body is not read then.
        """
        super().new_file(*args, **kwargs)
        request = self.request
        is_first = not hasattr(self, "file")
        if request is None or request.path != reverse(_PAGE) or not is_first:
            raise PermissionDenied
        if not all(request.user.has_perm(name) for name in _NEEDED):
            raise PermissionDenied
        self.trouble = ""
        with self._told():
            refuse_over_quota(actor_of(request))
            self.file = Incoming(settings.FILE_MAX_BYTES)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write what arrives; what can't be taken is read on, into nothing.

        A browser shows no answer before it has sent everything.
        """
        if not self.trouble:
            with self._told():
                self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        """Return the file, or why there is none."""
        if not self.trouble:
            with self._told():
                received = self.file.complete()
                kind = self.content_type
                return AcceptedUpload(self.file_name, received, content_type=kind)
        return RejectedUpload(self.file_name, self.trouble)

    def upload_interrupted(self) -> None:
        """Remove what broke off."""
        if not self.trouble:
            self.file.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Keep what goes wrong for the form, and nothing of the file."""
        try:
            yield
        except (TooLargeError, DomainError) as error:
            self.trouble = error.message
            if hasattr(self, "file"):
                self.file.close()
