"""Strong ETags, and whether a client's copy is still good (RFC 9110 13.1.2)."""

from __future__ import annotations

from hashlib import blake2b

from django.utils.http import parse_etags

from config.version import VERSION


def etag_of(version: str | None) -> str:
    """Return the ETag of a version of the data as this release would show it."""
    digest = blake2b(f"{VERSION} {version or ''}".encode(), digest_size=16)
    return f'"{digest.hexdigest()}"'


def is_current(if_none_match: str, etag: str) -> bool:
    """Tell whether an If-None-Match header names the ETag, or any."""
    tags = parse_etags(if_none_match)
    return "*" in tags or etag in (tag.removeprefix("W/") for tag in tags)
