"""OpenAPI descriptions of the endpoints of exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from config.api.docs.components import (
    BODY_TYPES,
    COUNT,
    FLAG,
    MOMENT,
    SUCCESS,
    TEXT,
    TEXTS,
    failures,
    json_object,
)
from imports_app.exporters.base import FileMode
from imports_app.exporters.registry import EXPORTERS
from imports_app.models import ExportState

_View = TypeVar("_View", bound=Callable[..., Any])

_DAY = {"type": "string", "format": "date"}
_SELECTION = json_object(
    {
        "rooms": {**TEXTS, "description": "IDs of rooms."},
        "users": {**TEXTS, "description": "IDs of authors."},
        "since": {**_DAY, "description": "First day, in UTC."},
        "until": {**_DAY, "description": "Last day, in UTC."},
        "operation": {**TEXT, "description": "ID of the import."},
    },
    optional=("rooms", "users", "since", "until", "operation"),
)
_ARCHIVE = json_object(
    {"file": TEXT, "messages": COUNT, "bytes": COUNT, "sha256": TEXT}
)
_EXPORT = json_object(
    {
        "id": TEXT,
        "format": TEXT,
        "files": {"type": "string", "enum": list(FileMode)},
        "selection": {
            **_SELECTION,
            "description": "Empty for an export of the whole workspace.",
        },
        "state": {"type": "string", "enum": ExportState.values},
        "startedBy": json_object({"_id": TEXT, "username": TEXT}),
        "createdAt": MOMENT,
        "startedAt": MOMENT,
        "finishedAt": MOMENT,
        "expiresAt": {
            **MOMENT,
            "description": "Archives are deleted and links end at this time.",
        },
        "progress": json_object(
            {
                "messages": {**COUNT, "description": "Number of messages read so far."},
                "total": {
                    **COUNT,
                    "description": "Number of messages in the selected rooms.",
                },
            },
            optional=("total",),
        ),
        "error": json_object({"code": TEXT, "message": TEXT}),
        "bytes": COUNT,
        "users": COUNT,
        "messages": COUNT,
        "rooms": {
            "type": "array",
            "items": json_object({"id": TEXT, "name": TEXT, "messages": COUNT}),
        },
        "archives": {"type": "array", "items": _ARCHIVE},
        "notIncluded": {
            "type": "array",
            "items": json_object({"what": TEXT, "number": COUNT}),
        },
    },
    optional=(
        *("startedBy", "startedAt", "finishedAt", "error", "bytes", "users"),
        *("messages", "rooms", "archives", "notIncluded"),
    ),
)
_ANSWER = json_object({"export": _EXPORT, "success": SUCCESS})
_BODY = json_object(
    {
        "format": {"type": "string", "enum": sorted(EXPORTERS)},
        "files": {"type": "string", "enum": list(FileMode)},
        "rooms": {**TEXTS, "description": "Names or IDs of rooms (default: all)."},
        "users": {
            **TEXTS,
            "description": "Usernames or IDs of authors, to export only their"
            " messages.",
        },
        "since": {**_DAY, "description": "First day, in UTC."},
        "until": {**_DAY, "description": "Last day, in UTC."},
        "operation": {
            **TEXT,
            "description": "ID of an import, to export only what it created or"
            " changed.",
        },
        "maxMessages": {
            **COUNT,
            "description": "Maximum number of messages of an archive.",
        },
        "maxBytes": {
            **COUNT,
            "description": "Size in bytes after which an archive ends.",
        },
        "reactions": {**FLAG, "description": "Include reactions (format slack)."},
        "team": {**TEXT, "description": "Name of the team (format mattermost)."},
        "mailDomain": {
            **TEXT,
            "description": "Domain of the addresses of users without one (format"
            " mattermost).",
        },
        "existingUsers": {
            **TEXTS,
            "description": "Usernames that exist in Mattermost.",
        },
    },
    optional=(
        *("files", "rooms", "users", "since", "until", "operation", "maxMessages"),
        *("maxBytes", "reactions", "team", "mailDomain", "existingUsers"),
    ),
)
_NEEDS = "Requires view-room-administration."
_NEEDS_BOTH = "Requires view-room-administration and view-user-administration."


def _describe(
    name: str, summary: str, description: str, **options: Any
) -> Callable[[_View], _View]:
    describe: Callable[[_View], _View] = extend_schema(
        operation_id=name,
        tags=["Exports"],
        summary=summary,
        description=description,
        **options,
    )
    return describe


describe_start = _describe(
    "startExport",
    "Start an export",
    f"{_NEEDS_BOTH} A worker writes the archives. Without a selection, the export"
    " contains the whole workspace.",
    request=dict.fromkeys(BODY_TYPES, _BODY),
    responses={200: _ANSWER, **failures(400, 401, 403, 413, 429)},
)
describe_list = _describe(
    "exports",
    "List exports, newest first",
    f"{_NEEDS} Send `cursor` with the next request; it is null on the last page.",
    responses={
        200: json_object(
            {
                "exports": {"type": "array", "items": _EXPORT},
                "cursor": {"type": ["string", "null"]},
                "success": SUCCESS,
            }
        ),
        **failures(304, 400, 401, 403, 429),
    },
)
describe_export = _describe(
    "export",
    "Return the state, progress and result of an export",
    _NEEDS,
    responses={200: _ANSWER, **failures(304, 400, 401, 403, 404, 429)},
)
describe_delete = _describe(
    "deleteExport",
    "Delete an export with its archives and links",
    f"{_NEEDS_BOTH} An active export is cancelled.",
    responses={
        200: json_object({"success": SUCCESS}),
        **failures(400, 401, 403, 404, 429),
    },
)
describe_cancel = _describe(
    "cancelExport",
    "Cancel an export",
    f"{_NEEDS_BOTH} The worker stops after the current page of messages.",
    request=None,
    responses={200: _ANSWER, **failures(400, 401, 403, 404, 429)},
)
describe_file = _describe(
    "exportFile",
    "Download the archives of an export",
    f"{_NEEDS_BOTH} Returns the archive `part`, or the only one. If there are several"
    " and `part` is missing, returns one ZIP archive with all of them and"
    " `export.json`.",
    parameters=[
        OpenApiParameter("part", TEXT, description="Name of an archive."),
    ],
    responses={
        (200, "application/zip"): OpenApiResponse(
            OpenApiTypes.BINARY, "A ZIP archive."
        ),
        **failures(400, 401, 403, 404, 429),
    },
)
