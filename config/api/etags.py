"""Strong ETags and If-None-Match (RFC 9110 13.1.2)."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

from django.utils.http import parse_etags

from config.version import VERSION


@lru_cache(maxsize=64)  # the checks and the view need the same one
def etag_of(version: str | None) -> str:
    """Return the ETag for a version of the data and of this release."""
    digest = blake2b(f"{VERSION} {version or ''}".encode(), digest_size=16)
    return f'"{digest.hexdigest()}"'


def is_current(if_none_match: str, etag: str) -> bool:
    """Return whether an If-None-Match header matches the ETag."""
    tags = parse_etags(if_none_match)
    return "*" in tags or etag in (tag.removeprefix("W/") for tag in tags)
