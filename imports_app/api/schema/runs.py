"""OpenAPI descriptions of the endpoints that prepare, start and cancel imports."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema

from config.api.docs.components import (
    COUNT,
    FLAG,
    SUCCESS,
    TEXT,
    TEXTS,
    failures,
    json_object,
)
from imports_app.api.schema.history import OPERATION
from imports_app.models import MAX_TRIAL_MESSAGES
from imports_app.statuses import State, Status

_DONE = json_object({"success": SUCCESS})
_WITH_OPERATION = json_object({"operation": OPERATION, "success": SUCCESS})
_USER = json_object(
    {
        "user_id": TEXT,
        "username": TEXT,
        "email": TEXT,
        "is_deleted": FLAG,
        "is_bot": FLAG,
        "do_import": FLAG,
        "is_email_taken": FLAG,
    },
    optional=("email",),
)
_CHANNEL = json_object(
    {
        "channel_id": TEXT,
        "name": TEXT,
        "is_archived": FLAG,
        "do_import": FLAG,
        "is_private": FLAG,
        "is_direct": FLAG,
    }
)
_CONTACT = json_object(
    {"id": TEXT, "name": TEXT, "emails": TEXTS, "phones": TEXTS, "do_import": FLAG}
)
_SELECTION = json_object(
    {
        "name": TEXT,
        "users": {"type": "array", "items": _USER},
        "channels": {"type": "array", "items": _CHANNEL},
        "contacts": {"type": "array", "items": _CONTACT},
        "message_count": COUNT,
        "success": SUCCESS,
    }
)
_WAITING = json_object({"waiting": {"const": True}, "success": SUCCESS})
_CHOICE = {
    "type": "object",
    "properties": {"all": FLAG, "list": TEXTS},
    "additionalProperties": False,
}


def _listed(key: str) -> dict[str, Any]:
    """Return the schema of a group before Rocket.Chat 7.0."""
    return {
        "type": "array",
        "items": json_object({key: TEXT, "do_import": FLAG}),
    }


_INPUT = {
    "type": "object",
    "properties": {
        "users": {"oneOf": [_CHOICE, _listed("user_id")]},
        "channels": {"oneOf": [_CHOICE, _listed("channel_id")]},
        "contacts": {"oneOf": [_CHOICE, _listed("id")]},
    },
    "additionalProperties": False,
}

describe_file_data = extend_schema(
    operation_id="getImportFileData",
    tags=["Imports"],
    summary="Read the file and return the records to select from",
    description=(
        "Requires run-import. A worker reads the file; on `waiting`, send the request"
        " again. The server also answers `waiting` while it builds another large"
        " response. If the file can't be read, the status is 400 with the reason."
    ),
    responses={
        200: {"oneOf": [_SELECTION, _WAITING]},
        **failures(400, 401, 403, 429),
    },
)
describe_progress = extend_schema(
    operation_id="getImportProgress",
    tags=["Imports"],
    summary="Get the progress of the last import",
    description="Requires run-import.",
    responses={
        200: json_object(
            {
                "key": TEXT,
                "name": TEXT,
                "step": {"type": "string", "enum": Status.values},
                "count": json_object(
                    dict.fromkeys(("total", "completed", "error"), COUNT)
                ),
                "success": SUCCESS,
            }
        ),
        **failures(304, 400, 401, 403, 429),
    },
)
describe_start = extend_schema(
    operation_id="startImport",
    tags=["Imports"],
    summary="Start importing the selected records",
    description=(
        "Requires run-import. Each group is `{all, list}`, or an array as in"
        " Rocket.Chat before 7.0; a missing group selects nothing. Messages follow"
        " their rooms; `__directMessages__` selects all direct messages. Not in"
        " Rocket.Chat: `confirmPrivileged` confirms that the users with these import"
        " IDs are the privileged users that they match. The caller must be allowed to"
        " edit those users. Unconfirmed records fail. `archiveExisting` also"
        " archives existing rooms that are archived in the source. `planDigest` is the"
        " digest of `importOperations/{id}/plan`: if the import would do anything else,"
        " it is refused and nothing is imported. `trialMessages` starts a trial run: of"
        " each selected room, only this number of messages is imported, the first ones"
        " by time; the others are not processed. `POST importOperations/{id}/rest`"
        " imports them, `POST importOperations/{id}/undo` undoes the trial run."
    ),
    request={
        "application/json": json_object(
            {
                "input": _INPUT,
                "confirmPrivileged": TEXTS,
                "archiveExisting": FLAG,
                "planDigest": TEXT,
                "trialMessages": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MAX_TRIAL_MESSAGES,
                },
            },
            optional=(
                *("confirmPrivileged", "archiveExisting"),
                *("planDigest", "trialMessages"),
            ),
        )
    },
    responses={200: _DONE, **failures(400, 401, 403, 413, 429)},
    examples=[
        OpenApiExample(
            "Everything",
            {"input": {"users": {"all": True}, "channels": {"all": True}}},
            request_only=True,
        )
    ],
)
describe_current = extend_schema(
    operation_id="getCurrentImportOperation",
    tags=["Imports"],
    summary="Get the last operation",
    description="Requires run-import. `operation` is absent if there is none.",
    responses={
        200: json_object(
            {"operation": OPERATION, "success": SUCCESS}, optional=("operation",)
        ),
        **failures(304, 400, 401, 403, 429),
    },
)
describe_importers = extend_schema(
    operation_id="importers.list",
    tags=["Imports"],
    summary="List the importers",
    description="Requires run-import. Returns a bare array.",
    responses={
        200: {"type": "array", "items": json_object({"key": TEXT, "name": TEXT})},
        **failures(400, 401, 403, 429),
    },
)
describe_status = extend_schema(
    operation_id="import.status",
    tags=["Imports"],
    summary="Get the state of the last operation",
    description="Requires run-import.",
    responses={
        200: json_object(
            {
                "state": {"type": "string", "enum": ["none", *State.values]},
                "operation": OPERATION,
                "success": SUCCESS,
            },
            optional=("operation",),
        ),
        **failures(304, 401, 403, 429),
    },
)
describe_run = extend_schema(
    operation_id="import.run",
    tags=["Imports"],
    summary="Start importing all staged users",
    description="Requires run-import. Existing users fail and are not changed.",
    request=None,
    responses={200: _DONE, **failures(400, 401, 403, 429)},
)
describe_cancel = extend_schema(
    operation_id="importOperationCancel",
    tags=["Imports"],
    summary="Cancel an operation",
    description="Requires run-import. Records imported so far are kept.",
    request=None,
    responses={200: _WITH_OPERATION, **failures(400, 401, 403, 404, 429)},
)
describe_retry = extend_schema(
    operation_id="importOperationRetry",
    tags=["Imports"],
    summary="Retry the failed records",
    description="Requires run-import. Creates a new operation with the failed records.",
    request=None,
    responses={200: _WITH_OPERATION, **failures(400, 401, 403, 404, 429)},
)
describe_rest = extend_schema(
    operation_id="importOperationRest",
    tags=["Imports"],
    summary="Import what was not processed",
    description=(
        "Requires run-import. For a trial run, or an operation that was cancelled,"
        " replaced or failed during its run. Creates a new operation that reads the"
        " same file again and imports it with the same selection. Records that were"
        " imported before count as unchanged."
    ),
    request=None,
    responses={200: _WITH_OPERATION, **failures(400, 401, 403, 404, 413, 429)},
)
