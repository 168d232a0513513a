"""OpenAPI description of the list of records."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from config.api.docs.components import (
    COUNT,
    MOMENT,
    SUCCESS,
    TEXT,
    failures,
    json_object,
)
from imports_app.models import KindChoice, Outcome

_RECORD = json_object(
    {
        "key": {**TEXT, "description": "Key of the record, for its correction."},
        "kind": {"type": "string", "enum": KindChoice.values},
        "importId": TEXT,
        "outcome": {"type": "string", "enum": Outcome.values},
        "code": TEXT,
        "message": TEXT,
        "file": TEXT,
        "line": COUNT,
        "guess": {
            **TEXT,
            "description": "Code of the guess that the record is based on.",
        },
        "correctedAt": {
            **MOMENT,
            "description": "Time of the correction.",
        },
    },
    optional=("code", "message", "file", "line", "guess", "correctedAt"),
)
describe_records = extend_schema(
    operation_id="importOperationRecords",
    tags=["Imports"],
    summary="List the records of an operation with their outcomes",
    description=(
        "Requires view-import-operations. Imported messages are stored in their rooms"
        " and not listed here, unless they were corrected. Send `cursor` with the next"
        " request; it is null on the last page."
    ),
    responses={
        200: json_object(
            {
                "records": {"type": "array", "items": _RECORD},
                "cursor": {"type": ["string", "null"]},
                "success": SUCCESS,
            }
        ),
        **failures(304, 400, 401, 403, 404, 429),
    },
)
