"""OpenAPI descriptions of the endpoints of connected servers."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import extend_schema

from config.api.docs.components import SUCCESS, failures, json_object
from imports_app.api.outgoing.server_params import NewServer, ServerChange
from imports_app.models import Server

_TEXT: Final = {"type": "string"}
_MOMENT: Final = {"type": "string", "format": "date-time"}
_FLAG: Final = {"type": "boolean"}
_FINDING: Final = json_object(
    {
        "level": {"type": "string", "enum": ["ok", "warning", "error"]},
        "code": _TEXT,
        "text": _TEXT,
        "advice": {
            "type": "string",
            "description": "What to do; empty if no action is needed.",
        },
    }
)
_MIRROR: Final = json_object(
    {
        "polledAt": _MOMENT,
        "active": {
            **_FLAG,
            "description": "Whether an import is in progress on the server.",
        },
        "failures": {"type": "integer", "minimum": 0},
        "error": json_object({"code": _TEXT, "message": _TEXT}),
    },
    optional=("polledAt", "error"),
)
_SERVER: Final = json_object(
    {
        "name": _TEXT,
        "kind": {"type": "string", "enum": Server.Kind.values},
        "address": _TEXT,
        "userId": _TEXT,
        "enabled": _FLAG,
        "version": _TEXT,
        "checkedAt": _MOMENT,
        "findings": {"type": "array", "items": _FINDING},
        "mirror": _MIRROR,
    },
    optional=("version", "checkedAt", "mirror"),
)
_ONE: Final[dict[Any, Any]] = {
    200: json_object({"server": _SERVER, "success": SUCCESS})
}
_RIGHT: Final = "Requires manage-connected-servers."

describe_list = extend_schema(
    operation_id="servers",
    tags=["Connected servers"],
    summary="List the connected servers",
    description=f"{_RIGHT} Tokens are never returned.",
    responses={
        200: json_object(
            {"servers": {"type": "array", "items": _SERVER}, "success": SUCCESS}
        ),
        **failures(400, 401, 403, 429),
    },
)
describe_create = extend_schema(
    operation_id="serverCreate",
    tags=["Connected servers"],
    summary="Connect a server",
    request=NewServer,
    description=(
        f"{_RIGHT} The address must use HTTPS and not be in a private"
        " network, unless SERVER_ALLOWED_HOSTS contains its host."
    ),
    responses={**_ONE, **failures(400, 401, 403, 429)},
)
describe_details = extend_schema(
    operation_id="server",
    tags=["Connected servers"],
    summary="Get a connected server",
    description=_RIGHT,
    responses={**_ONE, **failures(400, 401, 403, 404, 429)},
)
describe_change = extend_schema(
    operation_id="serverChange",
    tags=["Connected servers"],
    summary="Change a connected server",
    request=ServerChange,
    description=(
        f"{_RIGHT} Omitted properties keep their values. A new address"
        " requires the token again."
    ),
    responses={**_ONE, **failures(400, 401, 403, 404, 429)},
)
describe_delete = extend_schema(
    operation_id="serverDelete",
    tags=["Connected servers"],
    summary="Delete a connected server",
    description=f"{_RIGHT} Its mirrored operations are deleted, too.",
    responses={
        200: json_object({"success": SUCCESS}),
        **failures(400, 401, 403, 404, 429),
    },
)
describe_check = extend_schema(
    operation_id="serverCheck",
    tags=["Connected servers"],
    summary="Check a connected server",
    description=(
        f"{_RIGHT} Checks version, token, permissions and limits of the server, and"
        " returns the findings with advice. Takes up to a minute if the server is"
        " slow."
    ),
    request=None,
    responses={**_ONE, **failures(400, 401, 403, 404, 429)},
)
