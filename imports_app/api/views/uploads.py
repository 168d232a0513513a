"""Resumable uploads by the tus 1.0 protocol, and the import of complete ones."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from accounts.api.callers import caller_of
from config.api.envelope import success
from config.api.input.fields import NamedParams, Pattern, Text, Texts
from imports_app.api import tus, wire
from imports_app.api.actors import actor_of
from imports_app.api.schema import uploads as schema
from imports_app.api.views.base import RunImportView
from imports_app.importers.reading_options import ReadingOptions
from imports_app.models import PartialUpload
from imports_app.services.uploading.partial_uploads import (
    append_part,
    cancel_upload,
    check_part,
    create_upload,
    find_upload,
    import_upload,
)
from imports_app.services.uploading.uploads import request_content


class TusView(RunImportView):
    """View of the tus protocol: version check and headers of every response."""

    options_headers: ClassVar = staticmethod(tus.service_headers)
    rate_factor: ClassVar[int] = 20
    """A large file has many parts."""

    def check_permissions(self, request: Request) -> None:
        """Check the permission, then the version of the protocol."""
        super().check_permissions(request)
        if request.method != "GET":
            tus.check_version(request)

    def finalize_response(  # type: ignore[override]  # plain answers
        self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the version of the protocol."""
        response.headers["Tus-Resumable"] = tus.VERSION
        if response.status_code == 412:
            response.headers["Tus-Version"] = tus.VERSION
        return super().finalize_response(request, response, *args, **kwargs)


class UploadsView(TusView):
    """POST and GET importOperations/uploads."""

    @property
    def body_limit(self) -> int:
        """Maximum body size in bytes; a new upload has no body."""
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0

    @schema.describe_creation
    def post(self, request: Request) -> HttpResponse:
        """Create an upload."""
        size = tus.number_header(request, "Upload-Length")
        sent, metadata = tus.metadata_of(request)
        upload = create_upload(
            user=caller_of(request),
            file_name=metadata.get("filename", "upload"),
            size=size,
            content_type=metadata.get("filetype", ""),
            metadata=sent,
        )
        headers = {
            "Location": f"{request.path}/{upload.public_id}",
            "Upload-Expires": tus.upload_headers(upload)["Upload-Expires"],
        }
        return HttpResponse(status=201, headers=headers)

    @schema.describe_list
    def get(self, request: Request) -> HttpResponse:
        """Return the caller's unfinished uploads."""
        own = PartialUpload.objects.of(
            caller_of(request), now=timezone.now()
        ).unfinished()
        return success({"uploads": [wire.upload(upload) for upload in own]})


class UploadView(TusView):
    """HEAD, GET, PATCH and DELETE importOperations/uploads/{id}."""

    @property
    def body_limit(self) -> int:
        """Maximum size of a part in bytes."""
        return self.upload.size - self.upload.offset

    @property
    def keeps_partial_body(self) -> bool:
        """Whether the beginning of a part is kept if the connection is lost."""
        return "Upload-Checksum" not in self.request.headers

    @cached_property
    def upload(self) -> PartialUpload:
        """The caller's upload.

        Raises:
            UploadNotFoundError: The upload does not exist.
        """
        public_id: str = self.kwargs["public_id"]
        return find_upload(user=caller_of(self.request), public_id=public_id)

    def check_announced_size(self, size: int | None) -> None:
        """Reject a part that can't be appended."""
        tus.check_part_type(self.request)
        check_part(self.upload, tus.number_header(self.request, "Upload-Offset"))

    @schema.describe_state
    def head(self, request: Request, public_id: str) -> HttpResponse:
        """Return the received bytes in headers."""
        return HttpResponse(headers=tus.upload_headers(self.upload))

    @schema.describe_upload
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return the upload as a document."""
        return success({"upload": wire.upload(self.upload)})

    @schema.describe_part
    def patch(self, request: Request, public_id: str) -> HttpResponse:
        """Append a part."""
        tus.check_part_type(request)
        append_part(
            upload=self.upload,
            offset=tus.number_header(request, "Upload-Offset"),
            content=request_content(request._request),
            checksum=tus.checksum_of(request),
        )
        headers = tus.upload_headers(self.upload)
        del headers["Upload-Length"]
        return HttpResponse(status=204, headers=headers)

    @schema.describe_termination
    def delete(self, request: Request, public_id: str) -> HttpResponse:
        """Cancel the upload."""
        cancel_upload(self.upload)
        return HttpResponse(status=204)


class ImportUploadBody(NamedParams):
    """Body of importOperations/uploads/{id}/import."""

    importer_key = Text(required=False)
    sha256 = Pattern("[0-9A-Fa-f]{64}", required=False)
    delimiter = Text(required=False)
    encoding = Text(required=False)
    columns = Texts(required=False)


class ImportUploadView(RunImportView):
    """POST importOperations/uploads/{id}/import."""

    body_params = ImportUploadBody

    @schema.describe_import
    def post(self, request: Request, public_id: str) -> HttpResponse:
        """Create an operation with the complete file."""
        operation = import_upload(
            upload=find_upload(user=caller_of(request), public_id=public_id),
            actor=actor_of(request),
            importer_key=self.body.get("importer_key", ""),
            sha256=self.body.get("sha256", ""),
            options=ReadingOptions.of(
                self.body.get("delimiter", ""),
                self.body.get("encoding", ""),
                self.body.get("columns", ()),
            ),
        )
        return success(wire.uploaded(operation))
