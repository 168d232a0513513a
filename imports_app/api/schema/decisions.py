"""OpenAPI description of the decisions of an import."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import extend_schema

from config.api.docs.components import (
    FLAG,
    SUCCESS,
    TEXT,
    TEXTS,
    failures,
    json_object,
)
from imports_app.models import DecisionAction
from imports_app.services.review.decision_files import FORMAT, VERSION
from imports_app.services.review.decisions import MAX_DECISIONS


def _entries(actions: tuple[DecisionAction, ...], more: dict[str, Any]) -> Any:
    entry = json_object(
        {
            "id": {**TEXT, "description": "First import ID of the record."},
            "action": {**TEXT, "enum": [action.value for action in actions]},
            **more,
        },
        optional=tuple(more),
    )
    return {"type": "array", "items": entry, "maxItems": MAX_DECISIONS}


_USERS: Final = _entries(
    (
        *(DecisionAction.MATCH, DecisionAction.CREATE),
        *(DecisionAction.MERGE, DecisionAction.SKIP),
    ),
    {
        "user": json_object({"id": TEXT, "username": TEXT}, optional=("id",)),
        "username": {**TEXT, "description": "Username of a new user."},
        "email": {**TEXT, "description": "E-mail address of a new user."},
        "into": {**TEXT, "description": "Import ID of the user to merge with."},
    },
)
_ROOMS: Final = _entries(
    (DecisionAction.MATCH, DecisionAction.CHANGE, DecisionAction.SKIP),
    {
        "room": json_object({"id": TEXT, "name": TEXT}, optional=("id", "name")),
        "name": {**TEXT, "description": "Another name for a new room."},
        "private": {**FLAG, "description": "Import a public room as a private one."},
    },
)
_DOCUMENT: Final = json_object(
    {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "source": json_object({"importer": TEXT, "workspace": TEXT}),
        "users": _USERS,
        "rooms": _ROOMS,
    },
    optional=("source", "users", "rooms"),
)
_STATUSES: Final = (400, 401, 403, 404, 413, 429)
describe_decisions = extend_schema(
    operation_id="importOperationDecisions",
    tags=["Imports"],
    summary="Download the decisions about users and rooms",
    description=(
        "Requires run-import. Send `decisions` with PUT, or pass it to `import_file"
        " --mapping`, also for another import of the same source. Names of private"
        " rooms that the caller may not read are omitted."
    ),
    responses={
        200: json_object({"decisions": _DOCUMENT, "success": SUCCESS}),
        **failures(*_STATUSES),
    },
)
describe_replace_decisions = extend_schema(
    operation_id="replaceImportOperationDecisions",
    tags=["Imports"],
    summary="Replace the decisions about users and rooms",
    description=(
        "Requires run-import, and for a match with a privileged user every"
        " permission of that user. The import must be waiting for its review. If one"
        " decision is not valid, none is stored, and the error names the entry."
        " Decisions about records that are not in the source are ignored and listed"
        " in `ignored`."
    ),
    request={"application/json": _DOCUMENT},
    responses={
        200: json_object(
            {"decisions": _DOCUMENT, "ignored": TEXTS, "success": SUCCESS}
        ),
        **failures(*_STATUSES),
    },
)
