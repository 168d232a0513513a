"""Headers of all API responses, CORS and OPTIONS (wire-api.md 1.1, 7.4).

Unlike in Rocket.Chat, responses allow only origins in CORS_ORIGINS, and cross-site
calls are rejected.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers

from config.api.envelope import failure
from config.api.origins import allowed_origin, is_forged
from config.api.paths import is_api_path
from config.api.permissions import ACCEPTED_PERMISSIONS

_ALLOWED_HEADERS: Final = (
    "Origin, X-Requested-With, Content-Type, Accept,"
    " X-User-Id, X-Auth-Token, x-visitor-token, Authorization"
)
"""Rocket.Chat's list, which it also sends with each response."""
_PREFLIGHT_HEADERS: Final = (
    f"{_ALLOWED_HEADERS}, If-None-Match, Idempotency-Key, Prefer, Last-Event-ID,"
    " x-2fa-code, x-2fa-method"
)
_EXPOSED_HEADERS: Final = (
    "ETag, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset,"
    " X-Accepted-Permissions, Preference-Applied, Idempotent-Replayed,"
    " Content-Disposition"
)
_PREFLIGHT_SECONDS: Final = 2 * 3600
"""How long browsers keep the response to a preflight; Chromium's maximum."""
_ALLOWED_METHODS: Final = "GET, POST, PUT, DELETE, HEAD, PATCH"
_ANSWER_HEADERS: Final = {
    "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Pragma": "no-cache",
}


def api_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Respond to OPTIONS, and add the headers to all other API responses."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not is_api_path(request.path_info):
            return get_response(request)
        if request.method == "OPTIONS":
            return _options(request)
        response = _foreign() if is_forged(request) else get_response(request)
        for name, value in _ANSWER_HEADERS.items():
            response.headers[name] = value
        if settings.CORS_ORIGINS:
            _name_origin(request, response)
        return response

    return middleware


def _options(request: HttpRequest) -> HttpResponse:
    """Respond to OPTIONS, or to a browser's preflight according to CORS_ORIGINS."""
    is_preflight = "Access-Control-Request-Method" in request.headers
    if not is_preflight and not request.headers.get("Origin"):
        response = _text("OK", 200)
        for name, value in _headers_of_view(request.path_info).items():
            response.headers[name] = value
        return response
    if not settings.CORS_ORIGINS:
        return _text("CORS not enabled. Set CORS_ORIGINS to enable it.", 405)
    if allowed_origin(request) is None:
        response = _text("Invalid origin", 403)
        response.headers[ACCEPTED_PERMISSIONS] = ""  # none would help
        return response
    response = _text("OK", 200)
    _name_origin(request, response)
    response.headers["Access-Control-Allow-Methods"] = _ALLOWED_METHODS
    response.headers["Access-Control-Allow-Headers"] = _PREFLIGHT_HEADERS
    response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
    return response


def _headers_of_view(path: str) -> dict[str, str]:
    """Return the headers that the view of a path adds to OPTIONS."""
    try:
        view = resolve(path).func
    except Resolver404:
        return {}
    headers_of = getattr(getattr(view, "cls", None), "options_headers", None)
    return headers_of() if headers_of is not None else {}


def _name_origin(request: HttpRequest, response: HttpResponse) -> None:
    """Allow pages of a listed origin to read the response."""
    origin = allowed_origin(request)
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
    if origin != "*":
        patch_vary_headers(response, ["Origin"])


def _foreign() -> HttpResponse:
    response = failure(
        403,
        "Calls from other sites' pages are refused [error-cross-site-call]",
        error_type="error-cross-site-call",
    )
    response.headers[ACCEPTED_PERMISSIONS] = ""  # none would help
    return response


def _text(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")
