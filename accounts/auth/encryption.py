"""Encryption of secrets in the database, and keyed digests of recovery codes.

Keys are derived from the setting TOTP_ENCRYPTION_KEY, so that a copy of the database
is not enough to compute codes or to sign webhooks. Each purpose has its own key.
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
_TOTP: Final = "totp secrets"


class UnreadableSecretError(Exception):
    """The secret was encrypted with a different key or altered."""


def encrypt(plain: bytes, purpose: str = _TOTP) -> str:
    """Return the encrypted secret for the database."""
    return _fernet(purpose).encrypt(plain).decode()


def decrypt(stored: str, purpose: str = _TOTP) -> bytes:
    """Return the plain secret.

    Raises:
        UnreadableSecretError: The key differs or the value was altered.
    """
    try:
        return _fernet(purpose).decrypt(stored.encode())
    except InvalidToken:
        raise UnreadableSecretError from None


def keyed_digest(purpose: str, text: str) -> str:
    """Return a digest (HMAC) that requires the key."""
    return hmac.new(_derive(purpose), text.encode(), hashlib.sha256).hexdigest()


def _fernet(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derive(purpose)))


def _derive(purpose: str) -> bytes:
    key = settings.TOTP_ENCRYPTION_KEY.encode()
    return HKDF(SHA256(), _KEY_LENGTH, salt=None, info=purpose.encode()).derive(key)
