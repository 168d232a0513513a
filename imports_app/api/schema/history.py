"""OpenAPI descriptions of the endpoints that list and show operations."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema

from config.api.docs.components import failures, json_object
from imports_app.api.params import MomentFilter, OperationFilter, PagingParams
from imports_app.statuses import State, Status, UndoState

_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_MILLISECONDS: Final = {"type": "integer", "description": "Milliseconds since 1970."}
_AGE: Final = {"type": "number", "description": "Age in seconds."}
_MOMENT: Final = {"type": "string", "format": "date-time"}
_COUNTS: Final = {
    "type": "object",
    "description": "Counters so far; counters that have not started are absent.",
    "properties": dict.fromkeys(
        ("total", "completed", "error", "users", "channels", "messages", "contacts"),
        _COUNT,
    ),
}
_OPERATION_PROPERTIES: Final[dict[str, Any]] = {
    "_id": _TEXT,
    "type": _TEXT,
    "importerKey": _TEXT,
    "ts": _MILLISECONDS,
    "status": {"type": "string", "enum": Status.values},
    "valid": {"type": "boolean"},
    "user": _TEXT,
    "_updatedAt": _MOMENT,
    "contentType": _TEXT,
    "file": _TEXT,
    "count": _COUNTS,
}
_MAYBE_ABSENT: Final = ("contentType", "file", "count")
OPERATION: Final = json_object(_OPERATION_PROPERTIES, optional=_MAYBE_ABSENT)
_EVENT: Final = json_object(
    {
        "ts": _MILLISECONDS,
        "user": _TEXT,
        "from": _TEXT,
        "to": _TEXT,
        "valid": {"type": "boolean"},
        "count": _COUNTS,
        "undo": {"type": "string", "description": "Resulting state of an undo."},
        "corrected": {
            "type": "string",
            "description": "Corrected record.",
        },
        "correctionRemoved": {
            "type": "boolean",
            "description": "Whether the correction was removed.",
        },
    },
    optional=("user", "from", "count", "undo", "corrected", "correctionRemoved"),
)
_PROGRESS: Final = json_object(
    {
        "phase": _TEXT,
        "kinds": {
            "type": "object",
            "additionalProperties": json_object(
                dict.fromkeys(
                    (
                        *("staged", "imported", "updated", "unchanged"),
                        *("skipped", "failed", "notProcessed", "guessed"),
                    ),
                    _COUNT,
                )
            ),
        },
        "recordsPerSecond": {"type": "number"},
        "estimatedEnd": _MOMENT,
        "heartbeatAge": _AGE,
        "stalled": {"type": "boolean"},
        "workers": {
            "type": "array",
            "description": "Workers that are processing the operation.",
            "items": json_object({"heartbeatAge": _AGE}),
        },
    },
    optional=("recordsPerSecond", "estimatedEnd", "heartbeatAge"),
)
OPERATION_DETAILS: Final = json_object(
    {
        **_OPERATION_PROPERTIES,
        "state": {"type": "string", "enum": State.values},
        "fileSize": _COUNT,
        "fileDigest": {**_TEXT, "description": "SHA-256 of the file."},
        "retryOf": {
            **_TEXT,
            "description": "The operation whose failed records are retried.",
        },
        "undoOf": {**_TEXT, "description": "The operation that this one undoes."},
        "undoState": {
            "type": "string",
            "enum": [state for state in UndoState.values if state],
            "description": "Whether the operation can be undone, or has been.",
        },
        "restOf": {
            **_TEXT,
            "description": "The operation whose file is imported again because it"
            " was a trial run or ended early.",
        },
        "trialMessages": {
            "type": "integer",
            "minimum": 1,
            "description": "Trial run: number of messages of each room.",
        },
        "heartbeatAt": _MOMENT,
        "finishedAt": {
            **_MOMENT,
            "description": "Time at which it was done, failed, cancelled or replaced.",
        },
        "runningSeconds": {
            "type": "number",
            "description": "Time that the server has worked on it, without waiting.",
        },
        "progress": _PROGRESS,
        "readingOptions": {
            "type": "object",
            "description": "How tables are read: delimiter, encoding, columns.",
        },
        "report": {
            "type": "object",
            "description": (
                "Findings in the source: facts, and warnings and guesses by code."
            ),
        },
        "error": json_object({"code": _TEXT, "message": _TEXT}),
        "timeline": {"type": "array", "items": _EVENT},
    },
    optional=(
        *_MAYBE_ABSENT,
        *("fileSize", "fileDigest", "retryOf", "restOf", "heartbeatAt"),
        *("report", "error"),
        *("readingOptions", "finishedAt", "runningSeconds", "undoOf", "undoState"),
        "trialMessages",
    ),
)
_EXAMPLE: Final = {
    "_id": "NRqiLZ4bADfGwMRMz",
    "type": "CSV",
    "importerKey": "csv",
    "ts": 1635247067385,
    "status": "importer_file_loaded",
    "valid": False,
    "user": "d26x6zSkaPSe5gCyy",
    "_updatedAt": "2021-10-27T08:32:42.609Z",
    "contentType": "image/svg+xml",
    "file": "2021926111747_d26x6zSkaPSe5gCyy_pp.svg",
}


def _filters() -> list[OpenApiParameter]:
    """Return the parameters of the filters."""
    parameters = []
    for name, kind in OperationFilter.base_filters.items():
        choices = [value for value, _label in kind.extra.get("choices", ())]
        is_moment = isinstance(kind, MomentFilter)
        parameters.append(
            OpenApiParameter(
                name,
                {"type": "string", "enum": choices}
                if choices
                else {"type": "string", "minLength": 1},
                description="ISO 8601 time, or milliseconds since 1970."
                if is_moment
                else "",
            )
        )
    return parameters


describe_latest = extend_schema(
    operation_id="getLatestImportOperations",
    tags=["Imports"],
    summary="List the twenty latest operations",
    description="Requires view-import-operations. Returns a bare array.",
    responses={
        200: {"type": "array", "items": OPERATION, "maxItems": 20},
        **failures(304, 400, 401, 403, 429),
    },
    examples=[OpenApiExample("A CSV import", [_EXAMPLE], response_only=True)],
)
describe_list = extend_schema(
    operation_id="importOperations",
    tags=["Imports"],
    summary="List all operations",
    description=(
        "Requires view-import-operations. Send `cursor` with the next request; it is"
        " null on the last page. Every operation that exists at the first request is"
        " listed exactly once, even if operations change in between."
    ),
    parameters=[
        PagingParams,
        *_filters(),
        OpenApiParameter(
            "server",
            {"type": "string", "minLength": 1},
            description="Name of a connected server. Lists its operations instead of"
            " those of this server.",
        ),
    ],
    responses={
        200: json_object(
            {
                "operations": {"type": "array", "items": OPERATION},
                "cursor": {"type": ["string", "null"]},
                "success": {"const": True},
            }
        ),
        **failures(304, 400, 401, 403, 429),
    },
)
describe_details = extend_schema(
    operation_id="importOperation",
    tags=["Imports"],
    summary="Get an operation with its progress and timeline",
    description="Requires view-import-operations.",
    responses={
        200: json_object({"operation": OPERATION_DETAILS, "success": {"const": True}}),
        **failures(304, 400, 401, 403, 404, 429),
    },
)
_EVENTS_TEXT: Final = (
    "Requires view-import-operations. Returns an endless stream of server-sent"
    " events (text/event-stream). `timeline` is an entry of a timeline with"
    " `operation`, the ID of its operation; `progress` is sent once a second while"
    " an import is running, and has no ID. Comments keep the connection open."
)
_LAST_EVENT_ID: Final = OpenApiParameter(
    "Last-Event-ID",
    {"type": "string", "pattern": "^[0-9]{1,18}$"},
    OpenApiParameter.HEADER,
    description="ID of the last event that the client received: the stream continues"
    " after it.",
)
_STREAM: Final = {
    (200, "text/event-stream"): {
        "type": "object",
        "description": "One event of the stream.",
        "properties": {
            "id": {"type": "string", "pattern": "^[0-9]+$"},
            "event": {"type": "string", "enum": ["timeline", "progress"]},
            "data": {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": {"type": "object"},
            },
        },
    }
}
describe_all_events = extend_schema(
    operation_id="importOperationsEvents",
    tags=["Imports"],
    summary="Follow the events of all operations",
    description=f"{_EVENTS_TEXT} Without `Last-Event-ID`, it begins with new events.",
    parameters=[_LAST_EVENT_ID],
    responses={**_STREAM, **failures(400, 401, 403, 429)},
)
describe_events = extend_schema(
    operation_id="importOperationEvents",
    tags=["Imports"],
    summary="Follow the events of an operation",
    description=f"{_EVENTS_TEXT} Without `Last-Event-ID`, it begins with the whole"
    " timeline.",
    parameters=[_LAST_EVENT_ID],
    responses={**_STREAM, **failures(400, 401, 403, 404, 429)},
)
