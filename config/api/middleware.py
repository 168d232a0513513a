"""What every API answer carries, and the answer to OPTIONS (wire-api.md 1.1, 7.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config.api.paths import is_api_path

_ALLOWED_HEADERS: Final = (
    "Origin, X-Requested-With, Content-Type, Accept,"
    " X-User-Id, X-Auth-Token, x-visitor-token, Authorization"
)
_ALLOWED_METHODS: Final = "GET, POST, PUT, DELETE, HEAD, PATCH"
_ANSWER_HEADERS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
    "Cache-Control": "no-store",
    "Pragma": "no-cache",
}


def api_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer OPTIONS, and complete every other answer of the API."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not is_api_path(request.path_info):
            return get_response(request)
        if request.method == "OPTIONS":
            return _options(request)
        response = get_response(request)
        for name, value in _ANSWER_HEADERS.items():
            response.headers[name] = value
        return response

    return middleware


def _options(request: HttpRequest) -> HttpResponse:
    """Answer OPTIONS: plain, or a browser's preflight under CORS_ORIGINS."""
    origin = request.headers.get("Origin", "")
    if not origin and "Access-Control-Request-Method" not in request.headers:
        return _text("OK", 200)
    allowed = [entry.lower() for entry in settings.CORS_ORIGINS]
    if not allowed:
        return _text("CORS not enabled. Set CORS_ORIGINS to enable it.", 405)
    if "*" in allowed:
        response = _text("OK", 200)
        response.headers["Access-Control-Allow-Origin"] = "*"
    elif origin.lower() in allowed:
        response = _text("OK", 200)
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Vary"] = "Origin"
    else:
        return _text("Invalid origin", 403)
    response.headers["Access-Control-Allow-Methods"] = _ALLOWED_METHODS
    response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
    return response


def _text(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")
