"""OpenAPI descriptions of the upload and download endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from config.api.docs.components import (
    BODY_TYPES,
    COUNT,
    MOMENT,
    SUCCESS,
    TEXT,
    failures,
    json_object,
)
from imports_app.api.schema.history import OPERATION
from imports_app.importers.reading_options import DELIMITERS, ENCODINGS
from imports_app.models import DownloadState, LinkedFileState

_View = TypeVar("_View", bound=Callable[..., Any])

_UPLOAD = json_object(
    {
        "binaryContent": {**TEXT, "description": "The file's content in base64."},
        "contentType": {**TEXT, "maxLength": 255},
        "fileName": {**TEXT, "maxLength": 255},
        "importerKey": {**TEXT, "maxLength": 255},
    }
)
describe_upload = extend_schema(
    operation_id="uploadImportFile",
    tags=["Imports"],
    summary="Upload a file in base64",
    description=(
        "Requires run-import. Creates an operation and invalidates every earlier one."
        " The content is not validated yet; getImportFileData reads the file. Use"
        " `PUT importOperations/file` for larger files."
    ),
    request=dict.fromkeys(BODY_TYPES, _UPLOAD),
    responses={
        200: json_object({"success": SUCCESS}),
        **failures(400, 401, 403, 413, 429),
    },
)
UPLOADED = json_object(
    {
        "operation": OPERATION,
        "detected": {
            **TEXT,
            "description": "Description of the file, if the importer was detected.",
        },
        "success": SUCCESS,
    },
    optional=("detected",),
)
describe_streamed_upload = extend_schema(
    operation_id="importOperationsFile",
    tags=["Imports"],
    summary="Upload a file of any size",
    description=(
        "Requires run-import. The request body is the file; otherwise like"
        " uploadImportFile. Without `importerKey`, the importer is detected by the"
        " content of the file, and `detected` describes the file. The last three"
        " parameters set how tables are read and replace detection."
    ),
    parameters=[
        OpenApiParameter("importerKey", {**TEXT, "minLength": 1}),
        OpenApiParameter("fileName", {**TEXT, "minLength": 1}, required=True),
        OpenApiParameter(
            "delimiter",
            {**TEXT, "enum": list(DELIMITERS)},
            description="Column delimiter. For the importers csv and slack-users.",
        ),
        OpenApiParameter(
            "encoding",
            {**TEXT, "enum": list(ENCODINGS)},
            description="Text encoding. For the importers csv and slack-users.",
        ),
        OpenApiParameter(
            "columns",
            {"type": "array", "items": TEXT},
            description=(
                "Column of a field as TABLE.FIELD=COLUMN; repeat it for each field."
                " COLUMN is the name in the first row or a number from 1:"
                " `users.email=Mail`, `messages.time=3`. For the importer csv."
            ),
        ),
    ],
    request={"application/octet-stream": OpenApiTypes.BINARY},
    responses={
        200: UPLOADED,
        **failures(400, 401, 403, 413, 429),
    },
)
_DOWNLOAD = json_object(
    {
        "fileUrl": {**TEXT, "maxLength": 8192},
        "importerKey": {**TEXT, "maxLength": 255},
    }
)
describe_download = extend_schema(
    operation_id="downloadPublicImportFile",
    tags=["Imports"],
    summary="Download the file of an import from a URL",
    description=(
        "Requires run-import. Only http and https. Hosts in private networks must be"
        " listed in DOWNLOAD_ALLOWED_HOSTS. The URL is checked before the response; the"
        " file is downloaded in the background."
    ),
    request=dict.fromkeys(BODY_TYPES, _DOWNLOAD),
    responses={
        200: json_object({"success": SUCCESS}),
        **failures(400, 401, 403, 413, 429),
    },
)


def _describe_pending(name: str, what: str) -> Callable[[_View], _View]:
    describe: Callable[[_View], _View] = extend_schema(
        operation_id=name,
        tags=["Imports"],
        summary=f"Download {what}",
        description=(
            "Requires run-import. Creates an operation and invalidates every earlier"
            " one. `count` is the number of pending downloads, including those that"
            " failed before."
        ),
        request=None,
        responses={
            200: json_object({"count": COUNT, "success": SUCCESS}),
            **failures(400, 401, 403, 429),
        },
    )
    return describe


describe_pending_files = _describe_pending(
    "downloadPendingFiles", "pending files of imported messages"
)
describe_pending_avatars = _describe_pending(
    "downloadPendingAvatars", "pending avatars of imported users"
)
_FILE_DOWNLOAD = json_object(
    {
        "state": {"type": "string", "enum": ["none", *DownloadState.values]},
        "found": {
            **COUNT,
            "description": "Number of different files that messages link to.",
        },
        "stored": {**COUNT, "description": "Number of downloaded files."},
        "gone": {
            **COUNT,
            "description": "Number of files that the source no longer provides.",
        },
        "failed": {
            **COUNT,
            "description": "Number of failed files that can be retried.",
        },
        "waiting": {**COUNT, "description": "Number of files that were not tried yet."},
        "startedAt": MOMENT,
        "finishedAt": MOMENT,
        "error": {**TEXT, "description": "Reason why the server could not continue."},
    },
    optional=(
        *("found", "stored", "gone", "failed", "waiting"),
        *("startedAt", "finishedAt", "error"),
    ),
)
_LINKED_FILE = json_object(
    {
        "id": {**TEXT, "description": "ID of the file in the source."},
        "name": TEXT,
        "size": COUNT,
        "address": {**TEXT, "description": "URL without its query."},
        "state": {"type": "string", "enum": LinkedFileState.values},
        "code": TEXT,
        "message": TEXT,
        "room": {**TEXT, "description": "Import ID of the room."},
        "messageId": {**TEXT, "description": "Import ID of the first message."},
        "file": {**TEXT, "description": "File of the source with the message."},
        "line": COUNT,
    },
    optional=("name", "size", "code", "message", "file", "line"),
)
_DOWNLOAD_ANSWER = json_object({"download": _FILE_DOWNLOAD, "success": SUCCESS})
describe_linked_files = extend_schema(
    operation_id="importOperationFiles",
    tags=["Imports"],
    summary="List the linked files of an import and the results of their download",
    description=(
        "Requires view-import-operations. `download.state` is `none` before the first"
        " download, and `files` is empty until then. Send `cursor` with the next"
        " request; it is null on the last page."
    ),
    responses={
        200: json_object(
            {
                "download": _FILE_DOWNLOAD,
                "files": {"type": "array", "items": _LINKED_FILE},
                "cursor": {"type": ["string", "null"]},
                "success": SUCCESS,
            }
        ),
        **failures(304, 400, 401, 403, 404, 429),
    },
)
describe_file_download = extend_schema(
    operation_id="importOperationFilesDownload",
    tags=["Imports"],
    summary="Download the linked files of an import before its start",
    description=(
        "Requires run-import. A worker downloads the files while the import waits"
        " for its review; the status of the operation does not change. Repeat the"
        " call to continue after a stop or to retry failed files. startImport is"
        " refused while the download is in progress."
    ),
    request=None,
    responses={200: _DOWNLOAD_ANSWER, **failures(400, 401, 403, 404, 429)},
)
describe_file_stop = extend_schema(
    operation_id="importOperationFilesStop",
    tags=["Imports"],
    summary="Stop the download of an import's linked files",
    description="Requires run-import. Files downloaded so far are kept.",
    request=None,
    responses={200: _DOWNLOAD_ANSWER, **failures(400, 401, 403, 404, 429)},
)
describe_report = extend_schema(
    operation_id="importOperationReport",
    tags=["Imports"],
    summary="Download the report of an operation as CSV",
    description=(
        "Requires view-import-operations. The columns are section, name, value, code,"
        " place and details. Sections: import, records, contents, findings, guesses and"
        " failures."
    ),
    responses={
        (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, "A CSV file."),
        **failures(400, 401, 403, 404, 429),
    },
)
describe_failures = extend_schema(
    operation_id="importOperationFailures",
    tags=["Imports"],
    summary="Download the failed records as a CSV archive",
    description=(
        "Requires run-import. The last two columns contain the error code and the"
        " reason. Correct the records and import the archive again."
    ),
    responses={
        (200, "application/zip"): OpenApiResponse(
            OpenApiTypes.BINARY, "A ZIP archive."
        ),
        **failures(400, 401, 403, 404, 429),
    },
)
