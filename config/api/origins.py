"""From which site's page a call comes, and whether that site may call the API."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE: Final = frozenset({"same-origin", "none"})


def allowed_origin(request: HttpRequest) -> str | None:
    """Return what `Access-Control-Allow-Origin` says of the caller's origin, if any."""
    if not settings.CORS_ORIGINS:
        return None
    if "*" in settings.CORS_ORIGINS:
        return "*"
    origin: str = request.META.get("HTTP_ORIGIN", "")
    listed = {entry.lower().rstrip("/") for entry in settings.CORS_ORIGINS}
    return origin if origin.lower() in listed else None


def is_forged(request: HttpRequest) -> bool:
    """Tell whether another site's page sends a call that may change something.

    A browser says so in `Sec-Fetch-Site`, an old one in `Origin`; scripts cannot change
    either. Clients that are no browsers send neither.
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
    """Compare an origin with the server's own, as Django's forms do."""
    own = f"{request.scheme}://{request.get_host()}"
    return origin.lower() == own.lower() or any(
        origin.lower() == trusted.lower().rstrip("/")
        for trusted in settings.CSRF_TRUSTED_ORIGINS
    )
