"""OpenAPI description of the reconciliation."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import extend_schema

from config.api.docs.components import (
    COUNT,
    FLAG,
    SUCCESS,
    TEXT,
    failures,
    json_object,
)
from imports_app.models import KindChoice, Outcome
from imports_app.reports.reconciliation import Reason

_COUNTS: Final = json_object(
    {
        **dict.fromkeys(
            (
                *("found", "selected", "imported", "updated", "unchanged"),
                *("skipped", "failed", "notProcessed"),
            ),
            COUNT,
        ),
        "inWorkspace": {
            **COUNT,
            "description": "Records in the workspace now; for messages, all messages of"
            " the rooms, from any import.",
        },
    },
    optional=("inWorkspace",),
)
_ROOM: Final = json_object(
    {
        "importId": TEXT,
        "name": TEXT,
        "type": TEXT,
        "outcome": {"type": "string", "enum": Outcome.values},
        "message": TEXT,
        "roomId": TEXT,
        "messages": _COUNTS,
    },
    optional=("name", "message", "roomId"),
)
describe_reconciliation = extend_schema(
    operation_id="importOperationReconciliation",
    tags=["Imports"],
    summary="Compare an operation with the workspace",
    description=(
        "Requires view-import-operations. `complete` is true if all selected records"
        " are in the workspace; `missing` counts the others by reason. `rooms` has"
        " the messages of each room; `roomId` is absent if the room is not in the"
        " workspace. Send `cursor` with the next request; it is null on the last"
        " page."
    ),
    responses={
        200: json_object(
            {
                "complete": FLAG,
                "undone": FLAG,
                "missing": {
                    "type": "array",
                    "items": json_object(
                        {
                            "kind": {"type": "string", "enum": KindChoice.values},
                            "reason": {"type": "string", "enum": list(Reason)},
                            "count": COUNT,
                        }
                    ),
                },
                "kinds": {"type": "object", "additionalProperties": _COUNTS},
                "rooms": {"type": "array", "items": _ROOM},
                "cursor": {"type": ["string", "null"]},
                "success": SUCCESS,
            }
        ),
        **failures(304, 400, 401, 403, 404, 429),
    },
)
