"""Encryption of second-factor secrets, and keyed digests of recovery codes.

The keys derive from the setting TOTP_ENCRYPTION_KEY: a copy of the database alone
opens no second factor.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_KEY_LENGTH: Final = 32


class UnreadableSecretError(Exception):
    """The secret was encrypted with another key."""


def encrypt(plain: bytes) -> str:
    """Return the secret as the database stores it."""
    return _fernet().encrypt(plain).decode()


def decrypt(stored: str) -> bytes:
    """Return the plain secret.

    Raises:
        UnreadableSecretError: The key is another one, or the value was altered.
    """
    try:
        return _fernet().decrypt(stored.encode())
    except InvalidToken:
        raise UnreadableSecretError from None


def keyed_digest(purpose: str, text: str) -> str:
    """Return a digest that nobody can compute without the key."""
    return hmac.new(_derive(purpose), text.encode(), hashlib.sha256).hexdigest()


def _fernet() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derive("totp secrets")))


def _derive(purpose: str) -> bytes:
    key = settings.TOTP_ENCRYPTION_KEY.encode()
    return HKDF(SHA256(), _KEY_LENGTH, salt=None, info=purpose.encode()).derive(key)
