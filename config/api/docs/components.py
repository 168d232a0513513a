"""Shared schema components of the OpenAPI description."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

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
    """Return the schema of an object whose properties are required by default."""
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


PAGING: Final = (
    OpenApiParameter("offset", COUNT, description="Number of rows to skip."),
    OpenApiParameter(
        "count",
        COUNT,
        description="Maximum number of rows (default 50); 0 means API_COUNT_LIMIT.",
    ),
)
_NOT_PERMITTED: Final = (
    "User does not have the permissions required for this action [error-unauthorized]"
)
_FAILURES: Final = {
    400: (
        "The request is not valid.",
        "must NOT have additional properties [invalid-params]",
    ),
    401: ("The authentication headers are missing or not valid.", "unauthorized"),
    403: ("The caller lacks the required permission.", _NOT_PERMITTED),
    404: ("The resource does not exist.", "Resource not found"),
    413: ("The body is too large.", "The request body is too large."),
    429: (
        "The rate limit is exceeded.",
        "Error, too many requests. Please slow down. You must wait 35 seconds before"
        " trying this endpoint again. [error-too-many-requests]",
    ),
}
"""Description and example text of each error status."""


def failures(*statuses: int) -> dict[int, OpenApiResponse]:
    """Return the responses of these statuses, each with an example."""
    return {status: _failure(status) for status in statuses}


def _failure(status: int) -> OpenApiResponse:
    if status == 304:
        return OpenApiResponse(
            None, "The client already has the current version (If-None-Match)."
        )
    meaning, error = _FAILURES[status]
    body: JSONDict = {"success": False, "error": error}
    if status == 400:
        body["errorType"] = "invalid-params"
    example = OpenApiExample(meaning, body, response_only=True)
    return OpenApiResponse(FAILURE, meaning, examples=[example])
