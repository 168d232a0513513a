"""Signatures of the activity log's entries and head record.

Signatures are HMAC-SHA-256 with keys outside of the database, so that write access to
the database is not enough to forge them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

if TYPE_CHECKING:
    from accounts.models import ActivityLogHead

CONTENT: Final = (
    "created_at",
    "author_name",
    "author_public_id",
    "address",
    "action",
    "subject",
    "name",
    "before",
    "after",
)
"""The columns that `sign_content` covers, in order."""

_NONCE_BYTES: Final = 8
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


def keys() -> list[bytes]:
    """Return the signing key followed by the former keys, newest first."""
    secrets_of_settings = (
        settings.ACTIVITY_LOG_KEY,
        *settings.ACTIVITY_LOG_KEY_FALLBACKS,
    )
    return [
        hashlib.sha256(b"activity log\0" + secret.encode()).digest()
        for secret in secrets_of_settings
    ]


def sign_content(key: bytes, content: tuple[Any, ...], nonce: str = "") -> str:
    """Return the signature of an entry's content.

    It starts with a nonce. The column is unique, so a signed entry can't be inserted
    twice.
    """
    nonce = nonce or secrets.token_hex(_NONCE_BYTES)
    return nonce + _sign(key, "entry", nonce, *content)


def is_content_signed(
    key: bytes, content: tuple[Any, ...], signature: str | None
) -> bool:
    """Return whether the key signed this content."""
    nonce = (signature or "")[: 2 * _NONCE_BYTES]
    return bool(nonce) and hmac.compare_digest(
        sign_content(key, content, nonce), signature or ""
    )


def storable(value: Any) -> Any:
    """Return the value as the database will return it, so that signatures match.

    Characters that PostgreSQL rejects become U+FFFD.
    """
    if isinstance(value, dict):
        return {str(storable(key)): storable(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [storable(part) for part in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", str(value))


def sign_link(
    key: bytes, *, sequence: int, previous: str, entry_id: int, signature: str
) -> str:
    """Return the digest that binds an entry to its number and its predecessor."""
    return _sign(key, "link", sequence, previous, entry_id, signature)


def sign_head(key: bytes, head: ActivityLogHead) -> str:
    """Return the signature of the head record."""
    return _sign(
        key,
        "head",
        head.log_id,
        head.sequence,
        head.digest,
        head.anchor_sequence,
        head.anchor_digest,
    )


def key_of_head(head: ActivityLogHead) -> int | None:
    """Return the number of the key that signed the head, or `None` if unknown."""
    for number, key in enumerate(keys()):
        if hmac.compare_digest(sign_head(key, head), head.signature):
            return number
    return None


def _sign(key: bytes, kind: str, *values: Any) -> str:
    message = json.dumps(
        [kind, *values], default=_plain, sort_keys=True, separators=(",", ":")
    )
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value)
