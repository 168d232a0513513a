"""OpenAPI descriptions of the endpoints for users sent through the API."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from config.api.docs.components import SUCCESS, TEXT, TEXTS, failures, json_object
from imports_app.api.schema.history import OPERATION

_MAYBE = {"type": ["string", "null"], "maxLength": 255}
_OPTIONAL = {
    "username": _MAYBE,
    "name": _MAYBE,
    "avatarUrl": {"type": ["string", "null"], "maxLength": 2000},
    "statusText": _MAYBE,
    "bio": {"type": ["string", "null"], "maxLength": 10_000},
    "password": {**_MAYBE, "description": "Ignored: imported users have no password."},
    "type": {"type": ["string", "null"], "enum": ["user", "bot", None]},
    "utcOffset": {"type": ["number", "null"], "minimum": -26, "maximum": 26},
    "deleted": {"type": ["boolean", "null"]},
    "roles": {"type": ["array", "null"], "items": TEXT},
}
_USER = json_object(
    {"emails": TEXTS, "importIds": TEXTS, **_OPTIONAL}, optional=tuple(_OPTIONAL)
)
_DONE = json_object({"success": SUCCESS})

describe_clear = extend_schema(
    operation_id="import.clear",
    tags=["Imports"],
    summary="Cancel the active import",
    description="Requires run-import. A running import stops after the current page"
    " of records.",
    request=None,
    responses={200: _DONE, **failures(401, 403, 429)},
)
describe_new = extend_schema(
    operation_id="import.new",
    tags=["Imports"],
    summary="Create an import for users sent with import.addUsers",
    description="Requires run-import. Invalidates every earlier operation.",
    request=None,
    responses={
        200: json_object({"operation": OPERATION, "success": SUCCESS}),
        **failures(401, 403, 429),
    },
)
describe_add_users = extend_schema(
    operation_id="import.addUsers",
    tags=["Imports"],
    summary="Add users to the current import",
    description="Requires run-import and a valid operation that can receive data. "
    "Stages all users or none.",
    request={
        "application/json": json_object({"users": {"type": "array", "items": _USER}})
    },
    responses={200: _DONE, **failures(400, 401, 403, 413, 429)},
)
