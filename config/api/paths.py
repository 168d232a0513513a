"""URL prefixes of the API."""

from __future__ import annotations

from typing import Final

API_PREFIX: Final = "/api/"
DOCUMENT_PREFIXES: Final = ("/api/schema/", "/api/docs/", "/api/redoc/")


def is_api_path(path: str) -> bool:
    """Return whether a path is an API call and not a documentation page."""
    return path.startswith(API_PREFIX) and not path.startswith(DOCUMENT_PREFIXES)
