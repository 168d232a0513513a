"""Parsing of request bodies (JSON or forms), which never raises a syntax error."""

from __future__ import annotations

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import QueryDict
from rest_framework.request import Request

from config.api.wire import JSONDict
from config.units import format_bytes


def read_body(request: Request) -> JSONDict:
    """Return the body's properties; an unreadable body has none.

    The last value of a form field counts; `key[]` gives an array of all its values
    (wire-api.md 1.1).

    Raises:
        RequestDataTooBig: The body exceeds Django's limit for bodies in memory.
    """
    content_type = request.META.get("CONTENT_TYPE", "").lower()
    if "application/json" in content_type:
        return _from_json(request._request.body)
    if "application/x-www-form-urlencoded" in content_type:
        return _from_form(request._request.body)
    return {}


def read_large_body(request: Request, limit: int) -> JSONDict:
    """Return the properties of a body with a limit of its own.

    Raises:
        RequestDataTooBig: The body exceeds the limit.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        msg = f"The request body is larger than {format_bytes(limit)}."
        raise RequestDataTooBig(msg)
    content_type = request.META.get("CONTENT_TYPE", "").lower()
    if "application/json" in content_type:
        return _from_json(request._request.read())
    if "application/x-www-form-urlencoded" in content_type:
        return _from_form(request._request.read())
    return {}


def _from_json(raw: bytes) -> JSONDict:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _from_form(raw: bytes) -> JSONDict:
    try:
        form = QueryDict(raw.decode(), encoding="utf-8")
    except UnicodeDecodeError:
        return {}
    return {
        name.removesuffix("[]"): form.getlist(name)
        if name.endswith("[]")
        else form[name]
        for name in form
    }
