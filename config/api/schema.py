"""The bodies that every endpoint's description shares."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiResponse

from config.api.wire import JSONDict

TEXT: Final = {"type": "string"}
FLAG: Final = {"type": "boolean"}
TEXTS: Final = {"type": "array", "items": TEXT}
MOMENT: Final = {"type": "string", "format": "date-time"}
COUNT: Final = {"type": "integer", "minimum": 0}
SUCCESS: Final = {"const": True}
BODY_TYPES: Final = ("application/json", "application/x-www-form-urlencoded")


def json_object(
    properties: JSONDict, *, optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the schema of an object in which all but the optional is required."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
    }


FAILURE: Final = json_object(
    {
        "success": {"const": False},
        "error": TEXT,
        "errorType": TEXT,
        "details": {"type": ["string", "object"]},
        "status": TEXT,
        "message": TEXT,
    },
    optional=("errorType", "details", "status", "message"),
)


def failures(*statuses: int) -> dict[int, OpenApiResponse]:
    """Return the responses of these error statuses."""
    descriptions = {
        304: "The client holds the present version (If-None-Match).",
        400: "A parameter is unknown or of the wrong form.",
        401: "The headers are missing or wrong.",
        403: "The permission is missing.",
        404: "There is no such thing.",
        405: "The endpoint knows another method only.",
        413: "The body is too large.",
        429: "Over the rate limit.",
    }
    return {
        status: OpenApiResponse(
            None if status == 304 else FAILURE, descriptions[status]
        )
        for status in statuses
    }
