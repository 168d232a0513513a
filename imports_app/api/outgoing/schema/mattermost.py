"""OpenAPI descriptions of the endpoints of imports into Mattermost."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import extend_schema

from config.api.docs.components import (
    COUNT,
    MOMENT,
    PAGING,
    SUCCESS,
    TEXT,
    failures,
    json_object,
)
from imports_app.api.outgoing.mattermost_params import MattermostImportData
from imports_app.models import MattermostImportState, MattermostPhase

_RIGHTS: Final = (
    "Requires manage-connected-servers, view-room-administration and"
    " view-user-administration."
)
_IMPORT: Final[dict[str, Any]] = json_object(
    {
        "_id": TEXT,
        "export": {**TEXT, "description": "ID of the export, unless it was deleted."},
        "server": TEXT,
        "archive": TEXT,
        "sha256": TEXT,
        "state": {"type": "string", "enum": MattermostImportState.values},
        "phase": {"type": "string", "enum": MattermostPhase.values},
        "user": TEXT,
        "ts": MOMENT,
        "startedAt": MOMENT,
        "finishedAt": MOMENT,
        "_updatedAt": MOMENT,
        "progress": json_object(
            {
                "bytes": {
                    **COUNT,
                    "description": "Bytes that Mattermost has received.",
                },
                "total": COUNT,
            }
        ),
        "note": {**TEXT, "description": "Reason for waiting, or result of the import."},
        "error": TEXT,
        "errorType": TEXT,
    },
    optional=(
        *("export", "user", "startedAt", "finishedAt", "note", "error", "errorType"),
    ),
)
_ANSWER: Final = {
    200: json_object({"import": _IMPORT, "success": SUCCESS}),
    **failures(400, 401, 403, 404, 429),
}
_TAGS: Final = ["Mattermost"]

describe_list = extend_schema(
    operation_id="mattermostImports",
    tags=_TAGS,
    summary="List imports into Mattermost",
    description=f"{_RIGHTS} The newest first.",
    parameters=[*PAGING],
    responses={
        200: json_object(
            {
                "imports": {"type": "array", "items": _IMPORT},
                "offset": COUNT,
                "count": COUNT,
                "total": COUNT,
                "success": SUCCESS,
            }
        ),
        **failures(400, 401, 403, 429),
    },
)
describe_start = extend_schema(
    operation_id="mattermostImportStart",
    tags=_TAGS,
    summary="Send an export to Mattermost",
    description=(
        f"{_RIGHTS} A worker uploads the archive and starts its import. A server can"
        " have only one active import."
    ),
    request=MattermostImportData,
    responses=_ANSWER,
)
describe_one = extend_schema(
    operation_id="mattermostImport",
    tags=_TAGS,
    summary="Get an import into Mattermost",
    description=_RIGHTS,
    responses=_ANSWER,
)
describe_cancel = extend_schema(
    operation_id="mattermostImportCancel",
    tags=_TAGS,
    summary="Cancel an import into Mattermost",
    description=(
        f"{_RIGHTS} An upload stops after the current chunk. An import that"
        " Mattermost has begun continues."
    ),
    request=None,
    responses=_ANSWER,
)
