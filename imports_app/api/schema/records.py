"""Description of the list of records."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from config.api.docs.components import COUNT, SUCCESS, TEXT, failures, json_object
from imports_app.models import KindChoice, Outcome

_RECORD = json_object(
    {
        "kind": {"type": "string", "enum": KindChoice.values},
        "importId": TEXT,
        "outcome": {"type": "string", "enum": Outcome.values},
        "code": TEXT,
        "message": TEXT,
        "file": TEXT,
        "line": COUNT,
        "guess": {**TEXT, "description": "The code of a guess behind the record."},
    },
    optional=("code", "message", "file", "line", "guess"),
)
describe_records = extend_schema(
    operation_id="importOperationRecords",
    tags=["Imports"],
    summary="What came of each record",
    description=(
        "Needs view-import-operations. Messages that came in are in their rooms, and no"
        " longer here. Send `cursor` back to go on; it is null at the end."
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
