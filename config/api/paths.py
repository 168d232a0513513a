"""Which addresses belong to the API."""

from __future__ import annotations

from typing import Final

API_PREFIX: Final = "/api/"
DOCUMENT_PREFIXES: Final = ("/api/schema/", "/api/docs/", "/api/redoc/")


def is_api_path(path: str) -> bool:
    """Tell whether the path is an API call, not a page that describes the API."""
    return path.startswith(API_PREFIX) and not path.startswith(DOCUMENT_PREFIXES)
