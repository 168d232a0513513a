"""The three forms of API responses (wire-api.md 1.2)."""

from __future__ import annotations

import orjson
from django.http import HttpResponse

from config.api.wire import JSONDict, JSONValue

JSON_CONTENT_TYPE = "application/json"


def bare(value: JSONValue, status: int = 200) -> HttpResponse:
    """Return a value without the envelope."""
    return HttpResponse(
        orjson.dumps(value), content_type=JSON_CONTENT_TYPE, status=status
    )


def success(document: JSONDict | None = None) -> HttpResponse:
    """Return an object with `success` as its last property."""
    return bare(successful(document or {}))


def successful(document: JSONDict) -> JSONDict:
    """Return the object with `success` as its last property."""
    return {**document, "success": True}


def failure(
    status: int,
    error: str,
    *,
    error_type: str | None = None,
    details: JSONValue = None,
) -> HttpResponse:
    """Return an error, with `errorType` and `details` if given."""
    body: JSONDict = {"success": False, "error": error}
    if error_type is not None:
        body["errorType"] = error_type
    if details is not None:
        body["details"] = details
    return bare(body, status)
