"""The header Idempotency-Key of POST and PUT."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.http import HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string
from rest_framework.request import Request

from config.api.errors import IdempotencyKeyInvalidError
from config.server.bodies import received_body

_LONGEST_KEY: Final = 255


def read_key(request: Request, *, is_allowed: bool) -> str | None:
    """Return the key of a call, if it has one.

    Raises:
        IdempotencyKeyInvalidError: The key is not valid, or not possible for this call.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if not is_allowed:
        msg = (
            "Idempotency-Key: not possible for this endpoint, because its response is a"
            " secret, which is not stored. Omit the header"
        )
        raise IdempotencyKeyInvalidError(msg)
    if not (0 < len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()):
        msg = f"Idempotency-Key: use 1 to {_LONGEST_KEY} printable ASCII characters"
        raise IdempotencyKeyInvalidError(msg)
    return str(key)


def fingerprint_of(request: Request) -> str:
    """Return a digest of method, path, query and body, before the body is read.

    It is keyed, because a body may contain a password.
    """
    parts = (
        request.method,
        request.path_info,
        request.META.get("QUERY_STRING", ""),
        request.META.get("CONTENT_TYPE", ""),
        _body_digest(request),
    )
    text = "\0".join(map(str, parts))
    return salted_hmac("idempotency key", text, algorithm="sha256").hexdigest()


def repeatable(
    request: Request, key: str, fingerprint: str, run: Callable[[], HttpResponse]
) -> HttpResponse:
    """Run a call, or return the response of its first run."""
    response: HttpResponse = _run_once()(
        user_id=request.user.pk, key=key, fingerprint=fingerprint, run=run
    )
    return response


@cache
def _run_once() -> Callable[..., Any]:
    """Return the function that stores responses."""
    function: Callable[..., Any] = import_string(settings.RUN_ONCE)
    return function


def _body_digest(request: Request) -> str:
    """Return the digest of the body.

    Only the product's web server computes it. With other servers, only the size of a
    large body is compared.
    """
    if (body := received_body(request)) is not None:
        return body.digest
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0):
        return f"{size} bytes"
    return hashlib.sha256(request._request.body).hexdigest()
