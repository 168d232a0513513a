"""Descriptions of the endpoints that take files in and give them out."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from config.api.schema import BODY_TYPES, SUCCESS, TEXT, failures, json_object
from imports_app.api.schema.history import OPERATION

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
        "Needs run-import. The body is the file; otherwise like uploadImportFile."
    ),
    parameters=[
        OpenApiParameter("importerKey", {**TEXT, "minLength": 1}, required=True),
        OpenApiParameter("fileName", {**TEXT, "minLength": 1}, required=True),
    ],
    request={"application/octet-stream": OpenApiTypes.BINARY},
    responses={
        200: json_object({"operation": OPERATION, "success": SUCCESS}),
        **failures(400, 401, 403, 413, 429),
    },
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
