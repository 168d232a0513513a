"""The content security policy of every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from config.api.paths import is_api_path

# The admin's theme evaluates expressions in its templates (Alpine).
_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let pages load from this server only; an API answer loads nothing."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not is_api_path(request.path_info):
            response.headers.setdefault("Content-Security-Policy", _POLICY)
        return response

    return middleware
