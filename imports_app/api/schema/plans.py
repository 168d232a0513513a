"""OpenAPI descriptions of previews."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from config.api.docs.components import COUNT, SUCCESS, TEXT, failures, json_object
from imports_app.models import Effect, Outcome

_COUNTS = {
    "type": "object",
    "additionalProperties": {"type": "object", "additionalProperties": COUNT},
}
PLAN = json_object(
    {
        "state": {"type": "string", "enum": ["complete", "computing"]},
        "planned": {
            **COUNT,
            "description": "Number of users and rooms planned so far.",
        },
        "digest": {**TEXT, "description": "Value for `planDigest` of startImport."},
        "computedAt": {"type": "string", "format": "date-time"},
        "effects": {**_COUNTS, "description": "Records by kind and effect."},
        "outcomes": {
            **_COUNTS,
            "description": "Records by kind and outcome, as the run will count them.",
        },
    },
    optional=("digest", "computedAt", "effects", "outcomes"),
)
_RECORD = json_object(
    {
        "key": {**TEXT, "description": "Key of the record, for its correction."},
        "kind": {"type": "string", "enum": ["user", "channel"]},
        "importId": TEXT,
        "effect": {"type": "string", "enum": Effect.values},
        "outcome": {"type": "string", "enum": Outcome.values},
        "code": TEXT,
        "message": TEXT,
        "matchedBy": TEXT,
        "target": {**TEXT, "description": "Username or name of the room."},
        "changes": {
            "type": "object",
            "description": "Values before and after, by name of the field.",
            "additionalProperties": {"type": "array", "minItems": 2, "maxItems": 2},
        },
        "file": TEXT,
        "line": COUNT,
    },
    optional=("code", "message", "matchedBy", "target", "changes", "file", "line"),
)
_RULE = (
    "Requires run-import. The preview is for the selection that is stored on the"
    " page Review and import; without one, for everything. A worker computes large"
    " previews: repeat the request while `state` is `computing`."
)
describe_plan = extend_schema(
    operation_id="importOperationPlan",
    tags=["Imports"],
    summary="Preview an import",
    description=f"{_RULE} A run with this `planDigest` has exactly these outcomes, or"
    " is refused.",
    responses={
        200: json_object({"plan": PLAN, "success": SUCCESS}),
        **failures(400, 401, 403, 404, 429),
    },
)
describe_planned_records = extend_schema(
    operation_id="importOperationPlanRecords",
    tags=["Imports"],
    summary="List what an import would do to each user and room",
    description=f"{_RULE} Send `cursor` with the next request; it is null on the last"
    " page.",
    responses={
        200: json_object(
            {
                "plan": PLAN,
                "records": {"type": "array", "items": _RECORD},
                "cursor": {"type": ["string", "null"]},
                "success": SUCCESS,
            }
        ),
        **failures(400, 401, 403, 404, 429),
    },
)
