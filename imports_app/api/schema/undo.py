"""OpenAPI descriptions of the endpoint that undoes operations."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import extend_schema

from config.api.docs.components import SUCCESS, failures, json_object
from imports_app.api.schema.history import OPERATION
from imports_app.models import KindChoice

_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "integer", "minimum": 0}
_NUMBERS: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Number of rows by kind.",
    "additionalProperties": _NUMBER,
}
_KEPT: Final = json_object(
    {
        "kind": {"type": "string", "enum": KindChoice.values},
        "number": _NUMBER,
        "code": _TEXT,
        "message": _TEXT,
    }
)
_PREVIEW: Final = json_object(
    {
        "removed": _NUMBERS,
        "restored": _NUMBERS,
        "kept": {"type": "array", "items": _KEPT},
        "unchecked": _NUMBERS,
    }
)

describe_preview = extend_schema(
    operation_id="importOperationUndoPreview",
    tags=["Imports"],
    summary="Preview the undo of an operation",
    description=(
        "Requires run-import. Returns the numbers of rows that an undo by the caller"
        " would remove, restore and keep. For large imports, the check stops after a"
        " second; further rows are `unchecked`, and the undo decides about them."
    ),
    responses={
        200: json_object({"preview": _PREVIEW, "success": SUCCESS}),
        **failures(400, 401, 403, 404, 429),
    },
)
describe_undo = extend_schema(
    operation_id="importOperationUndo",
    tags=["Imports"],
    summary="Undo an operation",
    description=(
        "Requires run-import. Removes what the operation created and restores what it"
        " changed, in a new operation. If an undo of the operation is in progress, it"
        " is returned. Refused while another import is active. An undo that was"
        " cancelled or that kept rows can be repeated."
    ),
    request=None,
    responses={
        200: json_object({"operation": OPERATION, "success": SUCCESS}),
        **failures(400, 401, 403, 404, 429),
    },
)
