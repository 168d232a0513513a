"""Security headers of pages: content security policy, permissions, caching."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from config.api.paths import is_api_path

_SCRIPTS: Final = "script-src 'self'"
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        # Alpine and Chart.js set inline styles, which can't run scripts.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",  # Redoc builds its search index in a worker
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_PERMISSIONS: Final = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture"),
        *("encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope"),
        *("hid", "identity-credentials-get", "idle-detection", "local-fonts"),
        *("magnetometer", "microphone", "midi", "otp-credentials", "payment"),
        *("picture-in-picture", "publickey-credentials-create"),
        *("publickey-credentials-get", "screen-wake-lock", "serial", "storage-access"),
        *("usb", "window-management", "xr-spatial-tracking"),
    )
)


class Nonce:
    """The CSP nonce of one response, created on first use in a template.

    Templates use `<script nonce="{{ request.csp_nonce }}">`. Responses without a nonce
    allow no inline scripts.
    """

    def __init__(self) -> None:
        self._value = ""

    def __str__(self) -> str:
        self._value = self._value or secrets.token_urlsafe(16)
        return self._value

    @property
    def is_written(self) -> bool:
        """Whether a template has used the nonce."""
        return bool(self._value)


def page_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Add the headers to every response outside of the API; views may override them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_api_path(request.path_info):
            return get_response(request)
        nonce = Nonce()
        request.csp_nonce = nonce  # type: ignore[attr-defined]  # read by templates
        response = get_response(request)
        scripts = f"{_SCRIPTS} 'nonce-{nonce}'" if nonce.is_written else _SCRIPTS
        headers = response.headers
        headers.setdefault("Content-Security-Policy", f"{_POLICY}; {scripts}")
        headers.setdefault("Permissions-Policy", _PERMISSIONS)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware
