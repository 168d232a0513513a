"""OpenAPI descriptions of resumable uploads (tus 1.0)."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from config.api.docs.components import (
    BODY_TYPES,
    COUNT,
    FAILURE,
    MOMENT,
    SUCCESS,
    TEXT,
    TEXTS,
    failures,
    json_object,
)
from imports_app.api.schema.files import UPLOADED

_UPLOAD: Final = json_object(
    {
        "_id": TEXT,
        "fileName": TEXT,
        "size": {**COUNT, "description": "Bytes of the whole file."},
        "offset": {**COUNT, "description": "Bytes received so far."},
        "ts": {**COUNT, "description": "Milliseconds since 1970."},
        "expiresAt": MOMENT,
        "operation": {**TEXT, "description": "The import of the file."},
    },
    optional=("operation",),
)


def _header(name: str, schema: dict[str, Any], description: str) -> OpenApiParameter:
    return OpenApiParameter(
        name, schema, OpenApiParameter.HEADER, required=True, description=description
    )


_RESUMABLE: Final = _header(
    "Tus-Resumable", {"type": "string", "enum": ["1.0.0"]}, "Version of the protocol."
)
_MEANINGS: Final = {
    409: "The part does not begin at the end of the received bytes, or bytes are"
    " missing.",
    412: "The version of the protocol is missing or not supported.",
    415: "The part has another media type.",
    423: "Another request is writing a part.",
    460: "The part does not match its checksum.",
    503: "The upload was started on another machine.",
}
_COMMON: Final = (400, 401, 403, 429)


def _failures(*statuses: int) -> dict[int, OpenApiResponse]:
    known = failures(*(status for status in statuses if status not in _MEANINGS))
    more = {
        status: OpenApiResponse(FAILURE, _MEANINGS[status])
        for status in statuses
        if status in _MEANINGS
    }
    return {**known, **more}


describe_creation = extend_schema(
    operation_id="createUpload",
    tags=["Imports"],
    summary="Create a resumable upload",
    description=(
        "Requires run-import. The protocol is tus 1.0 with the extensions creation,"
        " checksum, termination and expiration. `Location` is the URL of the upload."
        " Uploads expire one day after the last part."
    ),
    parameters=[
        _RESUMABLE,
        _header("Upload-Length", COUNT, "Size of the file in bytes."),
        OpenApiParameter(
            "Upload-Metadata",
            TEXT,
            OpenApiParameter.HEADER,
            description="`filename` and `filetype`, each with its value in base64.",
        ),
    ],
    request=None,
    responses={
        201: OpenApiResponse(None, "The upload was created."),
        **_failures(*_COMMON, 412, 413),
    },
)
describe_list = extend_schema(
    operation_id="listUploads",
    tags=["Imports"],
    summary="List your own unfinished uploads",
    description="Requires run-import.",
    responses={
        200: json_object(
            {"uploads": {"type": "array", "items": _UPLOAD}, "success": SUCCESS}
        ),
        **failures(*_COMMON),
    },
)
describe_state = extend_schema(
    operation_id="checkUpload",
    tags=["Imports"],
    summary="Get the received bytes in headers",
    description=(
        "Requires run-import. `Upload-Offset` is the position of the next part."
        " Uploads of other users return 404."
    ),
    parameters=[_RESUMABLE],
    responses={
        200: OpenApiResponse(None, "See the headers."),
        **_failures(*_COMMON, 404, 412),
    },
)
describe_upload = extend_schema(
    operation_id="getUpload",
    tags=["Imports"],
    summary="Get an upload as a document",
    description="Requires run-import.",
    responses={
        200: json_object({"upload": _UPLOAD, "success": SUCCESS}),
        **failures(*_COMMON, 404),
    },
)
describe_part = extend_schema(
    operation_id="appendPart",
    tags=["Imports"],
    summary="Append a part",
    description=(
        "Requires run-import. If the connection is lost, the received bytes of a"
        " part without `Upload-Checksum` are kept. A part with a checksum (sha1 or"
        " sha256, in base64) is stored completely or not at all."
    ),
    parameters=[
        _RESUMABLE,
        _header("Upload-Offset", COUNT, "Position of the part, in bytes."),
        OpenApiParameter("Upload-Checksum", TEXT, OpenApiParameter.HEADER),
    ],
    request={"application/offset+octet-stream": OpenApiTypes.BINARY},
    responses={
        204: OpenApiResponse(None, "The part was appended."),
        **_failures(*_COMMON, 404, 409, 412, 413, 415, 423, 460, 503),
    },
)
describe_termination = extend_schema(
    operation_id="cancelUpload",
    tags=["Imports"],
    summary="Cancel an upload and delete its bytes",
    description="Requires run-import.",
    parameters=[_RESUMABLE],
    responses={
        204: OpenApiResponse(None, "The upload was deleted."),
        **_failures(*_COMMON, 404, 412),
    },
)
_IMPORT: Final = json_object(
    {
        "importerKey": {**TEXT, "maxLength": 255},
        "sha256": {
            **TEXT,
            "pattern": "^[0-9A-Fa-f]{64}$",
            "description": "Digest of the file. If it differs, the upload is deleted.",
        },
        "delimiter": {**TEXT, "maxLength": 255},
        "encoding": {**TEXT, "maxLength": 255},
        "columns": TEXTS,
    },
    optional=("importerKey", "sha256", "delimiter", "encoding", "columns"),
)
describe_import = extend_schema(
    operation_id="importUpload",
    tags=["Imports"],
    summary="Create an import with a complete upload",
    description=(
        "Requires run-import. Creates an operation as importOperations/file does, with"
        " the same options. Repeated calls return the same operation."
    ),
    request=dict.fromkeys(BODY_TYPES, _IMPORT),
    responses={200: UPLOADED, **_failures(*_COMMON, 404, 409, 503)},
)
