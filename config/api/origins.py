"""Origins of API calls and detection of cross-site calls."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE: Final = frozenset({"same-origin", "none"})


def allowed_origin(request: HttpRequest) -> str | None:
    """Return the value of `Access-Control-Allow-Origin` for the caller, if any."""
    if not settings.CORS_ORIGINS:
        return None
    if "*" in settings.CORS_ORIGINS:
        return "*"
    origin: str = request.META.get("HTTP_ORIGIN", "")
    listed = {entry.lower().rstrip("/") for entry in settings.CORS_ORIGINS}
    return origin if origin.lower() in listed else None


def is_forged(request: HttpRequest) -> bool:
    """Return whether a page of another site sends a state-changing call.

    Browsers send `Sec-Fetch-Site`, old ones `Origin`; scripts can't change either.
    Other clients send neither.
    """
    if request.method in _SAFE_METHODS:
        return False
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    origin = request.META.get("HTTP_ORIGIN")
    if site is None and origin is None:
        return False
    if allowed_origin(request) is not None:
        return False
    if site is not None:
        return site not in _OWN_SITE
    return not _is_own(request, str(origin))


def _is_own(request: HttpRequest, origin: str) -> bool:
    """Return whether an origin is the server's own, as Django's CSRF check does."""
    own = f"{request.scheme}://{request.get_host()}"
    return origin.lower() == own.lower() or any(
        origin.lower() == trusted.lower().rstrip("/")
        for trusted in settings.CSRF_TRUSTED_ORIGINS
    )
