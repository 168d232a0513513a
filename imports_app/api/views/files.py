"""Upload and download endpoints of imports."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from config.api.envelope import success
from config.api.errors import InvalidParamsError
from config.api.input.cursors import Cursor
from config.api.input.fields import LONGEST_JSON, Choice, NamedParams, Params, Text
from config.api.views import ApiView
from imports_app.api import wire
from imports_app.api.actors import actor_of
from imports_app.api.params import CursorParams
from imports_app.api.schema import files as schema
from imports_app.api.views.base import RunImportView
from imports_app.api.waiting.versions import OPERATIONS, files_topic_of
from imports_app.errors import InvalidFileError
from imports_app.importers.base import Importer
from imports_app.importers.pending import (
    PendingAvatarsImporter,
    PendingFilesImporter,
)
from imports_app.importers.reading_options import ReadingOptions
from imports_app.models import (
    FileDownload,
    ImportOperation,
    LinkedFile,
    LinkedFileState,
)
from imports_app.reports.csv_report import write_report
from imports_app.services.access_log import record_failures_download
from imports_app.services.downloads import start_download, start_pending
from imports_app.services.failures import write_failures
from imports_app.services.review.linked_files import (
    start_file_download,
    stop_file_download,
)
from imports_app.services.uploading.uploads import (
    check_upload,
    check_upload_quota,
    importer_for_upload,
    request_content,
    upload_file,
)

_LINKED_FILES: Final = "file"
"""Ordering of the list of linked files."""


class UploadBody(Params):
    """Body of uploadImportFile."""

    binary_content = Text(max_length=None, help_text="The file in base64.")
    content_type = Text()
    file_name = Text()
    importer_key = Text()


class StreamedUploadParams(NamedParams):
    """Query parameters of a raw upload."""

    importer_key = Text(required=False, allow_blank=False)
    file_name = Text(allow_blank=False)
    delimiter = Text(required=False)
    encoding = Text(required=False)
    columns = Text(required=False, max_length=LONGEST_JSON)


class UploadImportFileView(RunImportView):
    """POST uploadImportFile."""

    body_params = UploadBody

    def check_announced_size(self, size: int | None) -> None:
        """Reject the upload if the user's quota is exceeded."""
        check_upload_quota(actor_of(self.request))

    @schema.describe_upload
    def post(self, request: Request) -> HttpResponse:
        """Store the file and create an operation."""
        importer_for_upload(self.body["importer_key"])
        try:
            content = base64.b64decode(
                "".join(self.body["binary_content"].split()), validate=True
            )
        except (binascii.Error, ValueError):
            msg = "binaryContent is not valid base64. Encode the file's bytes."
            raise InvalidFileError(msg, details="uploadImportFile") from None
        upload_file(
            actor=actor_of(request),
            importer_key=self.body["importer_key"],
            file_name=self.body["file_name"],
            content_type=self.body["content_type"],
            content=[content],
            limit=settings.UPLOAD_MAX_BYTES,
        )
        return success()


class ImportOperationFileView(RunImportView):
    """PUT importOperations/file: a raw upload of any size."""

    query_params = StreamedUploadParams

    @property
    def body_limit(self) -> int:
        """Maximum file size in bytes."""
        return int(settings.FILE_MAX_BYTES)

    def check_announced_size(self, size: int | None) -> None:
        """Reject a file that would not be accepted."""
        check_upload(
            actor=actor_of(self.request),
            importer_key=self.params.get("importer_key", ""),
            file_name=self.params["file_name"],
            size=size or 0,
            limit=settings.FILE_MAX_BYTES,
            options=self._options(),
        )

    @schema.describe_streamed_upload
    def put(self, request: Request) -> HttpResponse:
        """Stream the file to disk and create an operation."""
        operation = upload_file(
            actor=actor_of(request),
            importer_key=self.params.get("importer_key", ""),
            file_name=self.params["file_name"],
            content_type=request.META.get("CONTENT_TYPE", ""),
            content=request_content(request._request),
            limit=settings.FILE_MAX_BYTES,
            options=self._options(),
        )
        return success(wire.uploaded(operation))

    def _options(self) -> ReadingOptions:
        return ReadingOptions.of(
            delimiter=self.params.get("delimiter", ""),
            encoding=self.params.get("encoding", ""),
            columns=self.request.query_params.getlist("columns"),
        )


class DownloadBody(Params):
    """Body of downloadPublicImportFile."""

    file_url = Text()
    importer_key = Text()


class DownloadPublicImportFileView(RunImportView):
    """POST downloadPublicImportFile."""

    body_params = DownloadBody

    @schema.describe_download
    def post(self, request: Request) -> HttpResponse:
        """Start downloading the file."""
        start_download(
            actor=actor_of(request),
            importer_key=self.body["importer_key"],
            url=self.body["file_url"],
        )
        return success()


class NoBody(Params):
    """Body without properties."""


class DownloadPendingView(RunImportView):
    """Base class of the endpoints for pending downloads."""

    body_params = NoBody
    importer: type[Importer]

    def start(self, request: Request) -> HttpResponse:
        """Start the downloads and return their number."""
        _operation, count = start_pending(
            importer=self.importer, actor=actor_of(request)
        )
        return success({"count": count})


class DownloadPendingFilesView(DownloadPendingView):
    """POST downloadPendingFiles."""

    importer = PendingFilesImporter

    @schema.describe_pending_files
    def post(self, request: Request) -> HttpResponse:
        """Start downloading pending files."""
        return self.start(request)


class DownloadPendingAvatarsView(DownloadPendingView):
    """POST downloadPendingAvatars."""

    importer = PendingAvatarsImporter

    @schema.describe_pending_avatars
    def post(self, request: Request) -> HttpResponse:
        """Start downloading pending avatars."""
        return self.start(request)


class LinkedFileParams(CursorParams):
    """Filter and cursor of the list of linked files."""

    state = Choice(choices=LinkedFileState.values, required=False)


class ImportOperationFilesView(ApiView):
    """GET importOperations/{id}/files."""

    topics: tuple[str, ...] = (OPERATIONS,)
    required_permission = PermissionName.VIEW_IMPORT_OPERATIONS
    query_params = LinkedFileParams

    @schema.describe_linked_files
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return the numbers of the download and one page of its files."""
        position = self._position()
        operation = get_object_or_404(ImportOperation, public_id=public_id)
        download = FileDownload.objects.of(operation)
        version = download.version if download is not None else ""
        query = request._request.META.get("QUERY_STRING", "")
        self.topics = (files_topic_of(operation),)
        self.check_version(request, f"{operation.pk} {version} {query}")
        page: list[LinkedFile] = []
        cursor = None
        if download is not None:
            count = self.params["count"]
            files = LinkedFile.objects.of_download(download.pk).after(position)
            page = list(files.in_state(self.params.get("state", ""))[: count + 1])
            if len(page) > count:
                page.pop()
                cursor = Cursor(_LINKED_FILES, 0, page[-1].pk).encode()
        return success(
            {
                "download": wire.file_download(download),
                "files": [wire.linked_file(file) for file in page],
                "cursor": cursor,
            }
        )

    def _position(self) -> int:
        text = self.params.get("cursor")
        if text is None:
            return 0
        cursor = Cursor.decode(text)
        if cursor.ordering != _LINKED_FILES:
            raise InvalidParamsError("cursor: belongs to another list")
        return cursor.id


class DownloadImportOperationFilesView(RunImportView):
    """POST importOperations/{id}/files/download."""

    @schema.describe_file_download
    def post(self, request: Request, public_id: str) -> HttpResponse:
        """Start downloading the linked files, or continue."""
        operation = get_object_or_404(ImportOperation, public_id=public_id)
        download = start_file_download(operation=operation, actor=actor_of(request))
        return success({"download": wire.file_download(download)})


class StopImportOperationFilesView(RunImportView):
    """POST importOperations/{id}/files/stop."""

    @schema.describe_file_stop
    def post(self, request: Request, public_id: str) -> HttpResponse:
        """Stop the download of the linked files."""
        operation = get_object_or_404(ImportOperation, public_id=public_id)
        download = stop_file_download(operation=operation, actor=actor_of(request))
        return success({"download": wire.file_download(download)})


class ImportOperationReportView(ApiView):
    """GET importOperations/{id}/report.csv."""

    required_permission = PermissionName.VIEW_IMPORT_OPERATIONS

    @schema.describe_report
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return the report of an operation as CSV."""
        operations = ImportOperation.objects.with_initiator().select_related(
            "parent", "rest_of", "file_download"
        )
        operation = get_object_or_404(operations, public_id=public_id)
        name = f"report-{operation.public_id}.csv"
        return HttpResponse(
            write_report(operation),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


class ImportOperationFailuresView(RunImportView):
    """GET importOperations/{id}/failures.zip."""

    @schema.describe_failures
    def get(self, request: Request, public_id: str) -> FileResponse:
        """Return the failed records as an archive for correction and import."""
        operation = get_object_or_404(ImportOperation, public_id=public_id)
        record_failures_download(operation, by=author_of(request))
        return FileResponse(
            write_failures(operation),
            as_attachment=True,
            filename=f"failures-{operation.public_id}.zip",
            content_type="application/zip",
        )
