"""Descriptions of the endpoints that take files in and give them out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from config.api.docs.components import (
    BODY_TYPES,
    COUNT,
    SUCCESS,
    TEXT,
    failures,
    json_object,
)
from imports_app.api.schema.history import OPERATION
from imports_app.importers.reading_options import DELIMITERS, ENCODINGS

_View = TypeVar("_View", bound=Callable[..., Any])

_UPLOAD = json_object(
    {
        "binaryContent": {**TEXT, "description": "The file in base64."},
        "contentType": {**TEXT, "maxLength": 255},
        "fileName": {**TEXT, "maxLength": 255},
        "importerKey": {**TEXT, "maxLength": 255},
    }
)
describe_upload = extend_schema(
    operation_id="uploadImportFile",
    tags=["Imports"],
    summary="Take a file in, in base64",
    description=(
        "Needs run-import. Starts an operation; every earlier one becomes invalid. What"
        " is in the file does not matter yet: getImportFileData looks into it. Larger"
        " files go to `PUT importOperations/file`."
    ),
    request=dict.fromkeys(BODY_TYPES, _UPLOAD),
    responses={
        200: json_object({"success": SUCCESS}),
        **failures(400, 401, 403, 413, 429),
    },
)
describe_streamed_upload = extend_schema(
    operation_id="importOperationsFile",
    tags=["Imports"],
    summary="Take a file of any size in, as it is",
    description=(
        "Needs run-import. The body is the file; otherwise like uploadImportFile. The"
        " last three parameters say how tables are to be read, instead of leaving it to"
        " detection."
    ),
    parameters=[
        OpenApiParameter("importerKey", {**TEXT, "minLength": 1}, required=True),
        OpenApiParameter("fileName", {**TEXT, "minLength": 1}, required=True),
        OpenApiParameter(
            "delimiter",
            {**TEXT, "enum": list(DELIMITERS)},
            description="What separates columns. Importers csv and slack-users.",
        ),
        OpenApiParameter(
            "encoding",
            {**TEXT, "enum": list(ENCODINGS)},
            description="Importers csv and slack-users.",
        ),
        OpenApiParameter(
            "columns",
            {"type": "array", "items": TEXT},
            description=(
                "Which column holds a field, as TABLE.FIELD=COLUMN; given once for each"
                " field. COLUMN is the name in the first row, or a number from 1:"
                " `users.email=Mail`, `messages.time=3`. Importer csv."
            ),
        ),
    ],
    request={"application/octet-stream": OpenApiTypes.BINARY},
    responses={
        200: json_object({"operation": OPERATION, "success": SUCCESS}),
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
    summary="Have the server download the file of an import",
    description=(
        "Needs run-import. Only http and https, and no private networks unless"
        " DOWNLOAD_ALLOWED_HOSTS names the host. The server at the address is asked"
        " before the answer; the file arrives in the background."
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
        summary=f"Have the server fetch {what}",
        description=(
            "Needs run-import. Starts an operation; every earlier one becomes invalid."
            " `count` is how many there are; what failed before is tried again."
        ),
        request=None,
        responses={
            200: json_object({"count": COUNT, "success": SUCCESS}),
            **failures(400, 401, 403, 429),
        },
    )
    return describe


describe_pending_files = _describe_pending(
    "downloadPendingFiles", "the files of imported messages"
)
describe_pending_avatars = _describe_pending(
    "downloadPendingAvatars", "the pictures of imported people"
)
describe_failures = extend_schema(
    operation_id="importOperationFailures",
    tags=["Imports"],
    summary="The failed records, as a CSV archive to mend and import again",
    description="Needs run-import. The last two columns are the code and the reason.",
    responses={
        (200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, "A ZIP."),
        **failures(400, 401, 403, 404, 429),
    },
)
