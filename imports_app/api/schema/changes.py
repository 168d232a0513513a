"""OpenAPI descriptions of the changes since the last import."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from config.api.docs.components import COUNT, SUCCESS, TEXT, failures, json_object
from imports_app.models import ChangeEffect

_CHANGES = {
    **json_object(
        {
            "state": {"type": "string", "enum": ["complete", "computing"]},
            "compared": {**COUNT, "description": "Number of records compared so far."},
            "since": {**TEXT, "description": "ID of the last import of this source."},
            "sinceTs": {"type": "integer", "description": "Start time of that import."},
            "computedAt": {"type": "string", "format": "date-time"},
            "numbers": {
                "type": "object",
                "description": "Users, rooms and messages by effect.",
                "additionalProperties": json_object(
                    dict.fromkeys(ChangeEffect.values, COUNT)
                ),
            },
        },
        optional=("since", "sinceTs", "computedAt", "numbers"),
    ),
    "type": ["object", "null"],
}
_RECORD = json_object(
    {
        "kind": {"type": "string", "enum": ["user", "channel", "message"]},
        "effect": {"type": "string", "enum": ["new", "changed", "gone"]},
        "name": {**TEXT, "description": "Name in the source; ID of a message."},
        "fields": {
            "type": "array",
            "items": TEXT,
            "description": "Changed fields.",
        },
        "roomId": TEXT,
        "ts": {"type": "integer", "description": "Time of a message."},
    },
    optional=("fields", "roomId", "ts"),
)
_RULE = (
    "Requires run-import. The file is compared with the workspace as if everything"
    " were selected, with the decisions of the review. `changes` is null if there is"
    " no earlier import of the same source. A worker compares large files: repeat"
    " the request while `state` is `computing`."
)
describe_changes = extend_schema(
    operation_id="importOperationChanges",
    tags=["Imports"],
    summary="Compare a file with the last import of the same source",
    description=f"{_RULE} Records of earlier imports that are missing in this file"
    " count as gone. Messages count as gone only in rooms and on days"
    " for which the file has messages. An import never deletes them.",
    responses={
        200: json_object({"changes": _CHANGES, "success": SUCCESS}),
        **failures(401, 403, 404, 429),
    },
)
describe_changed_records = extend_schema(
    operation_id="importOperationChangesRecords",
    tags=["Imports"],
    summary="List new, changed and gone records",
    description=f"{_RULE} Messages and gone rooms also require"
    " view-room-administration, gone users view-user-administration. New messages are"
    " only counted. Send `cursor` with the next request; it is null on the last page.",
    responses={
        200: json_object(
            {
                "changes": _CHANGES,
                "records": {"type": "array", "items": _RECORD},
                "cursor": {"type": ["string", "null"]},
                "success": SUCCESS,
            }
        ),
        **failures(400, 401, 403, 404, 429),
    },
)
