"""Parsing of login bodies, which have several formats (wire-api.md 6.1)."""

from __future__ import annotations

import re
from typing import Any

from accounts.models.users import password_digest
from config.api.wire import JSONDict

_DIGEST = re.compile(r"[0-9a-f]{64}")
_IDENTITIES = {"username": "username", "email": "email", "id": "public_id"}


def identity_of(body: JSONDict) -> dict[str, str] | None:
    """Return the login name as a lookup keyword, or `None` if it is missing.

    `user` is an e-mail address if it contains an @, else a username. It may also be an
    object with the username, the e-mail address or the ID.
    """
    user = body.get("user")
    if isinstance(user, dict):
        return _first_of(user, _IDENTITIES)
    if text := _text(user):
        return {"email" if "@" in text else "username": text}
    return _first_of(body, {"username": "username", "email": "email"})


def password_digest_of(body: JSONDict) -> str | None:
    """Return the SHA-256 of the password, or `None` if the body has no password."""
    password = body.get("password")
    if isinstance(password, dict):
        digest = password.get("digest")
        is_sha256 = password.get("algorithm") == "sha-256"
        if is_sha256 and isinstance(digest, str) and _DIGEST.fullmatch(digest):
            return digest
        return None
    text = _text(password)
    return password_digest(text) if text else None


def code_of(body: JSONDict) -> str | None:
    """Return the two-factor code, if present."""
    return _text(body.get("code"))


def resume_token_of(body: JSONDict) -> str | None:
    """Return the existing token to log in with, if present."""
    return _text(body.get("resume"))


def _first_of(source: JSONDict, names: dict[str, str]) -> dict[str, str] | None:
    for name, keyword in names.items():
        if text := _text(source.get(name)):
            return {keyword: text}
    return None


def _text(value: Any) -> str | None:
    """Return a non-empty string that databases can store, else `None`."""
    return value if isinstance(value, str) and value and "\0" not in value else None
