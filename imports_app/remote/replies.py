"""Validation of responses of Rocket.Chat's API."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Final

from imports_app.downloads.http import FetchError, Reply
from imports_app.remote.errors import (
    RemotePermissionError,
    RemoteRateLimitError,
    RemoteRefusedError,
    RemoteResponseError,
    RemoteTokenError,
    RemoteTooLargeError,
    RemoteUnreachableError,
)

Document = dict[str, Any]
_LONGEST_WAIT: Final = 600.0
_LONGEST_TEXT: Final = 200


def read_reply(reply: Reply, path: str) -> Any:
    """Return the document of a response.

    Raises:
        RemoteError: The response is an error.
    """
    check_status(reply)
    try:
        document = json.loads(reply.body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise unexpected_response(path) from error
    if isinstance(document, dict) and (
        reply.status >= 400 or document.get("success") is False
    ):
        text = shown(document.get("error") or f"status {reply.status}")
        if reply.status == 403:
            raise RemotePermissionError(
                f"The server refuses the call {path}: {text}. Give the token's user"
                " the permissions to run and view imports, and to view rooms and users."
            )
        if reply.status in (404, 405):
            raise unexpected_response(path)
        raise RemoteRefusedError(
            f"The server refuses the call {path}: {text}. Check the server's log."
        )
    if reply.status != 200:
        raise unexpected_response(path)
    return document


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which are not JSON."""
    raise ValueError(name)


def check_status(reply: Reply) -> None:
    """Raise an error for a status that every product uses in the same way.

    Raises:
        RemoteError: The server refused the token, the size or the rate, or failed.
    """
    status = reply.status
    if status == 401:
        raise RemoteTokenError(
            "The server does not accept the token. Create a new token on that server,"
            " then enter it in the settings of the connected server."
        )
    if status == 413:
        raise RemoteTooLargeError(
            "The server or its proxy refuses a body of this size. Raise the limit of"
            " the proxy in front of the server, then try again."
        )
    if status == 429:
        raise RemoteRateLimitError(
            "The server limits the rate of calls. Wait a few minutes, or raise the rate"
            " limit of the server.",
            is_temporary=True,
            retry_after=_wait_of(reply.headers),
        )
    if status >= 500:
        raise RemoteUnreachableError(
            f"The server or its proxy responds with status {status}. Check that the"
            " server is running, and check its log.",
            is_temporary=True,
            may_have_succeeded=True,
            retry_after=_wait_of(reply.headers),
        )


def unreachable(error: FetchError) -> RemoteUnreachableError:
    """Return the error for a call that got no response."""
    advice = _ADVICE.get(error.code, _CHECK_CONNECTION)
    return RemoteUnreachableError(
        f"The server did not respond: {error.message}.{advice}",
        is_temporary=error.is_temporary,
        may_have_succeeded=error.is_temporary,
    )


_CHECK_CONNECTION: Final = (
    " Check that the server is running and that this server can reach its address."
)
_ADVICE: Final = {
    "fetch-bad-address": " Correct the address of the connected server.",
    "fetch-bad-certificate": " Renew the certificate of the server.",
    "fetch-forbidden-address": "",
}
"""Advice by code; empty if the message of the error contains it."""


def _wait_of(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks to wait, within limits."""
    try:
        if "retry-after" in headers:
            seconds = float(headers["retry-after"])
        elif "x-ratelimit-reset" in headers:
            seconds = float(headers["x-ratelimit-reset"]) / 1000 - time.time()
        else:
            return None
    except ValueError:
        return None
    return min(max(seconds, 0.1), _LONGEST_WAIT) if seconds == seconds else None


def shown(value: Any) -> str:
    """Return a text of the server, safe to print and limited in length."""
    text = str(value)[:_LONGEST_TEXT]
    return "".join(one if one.isprintable() else " " for one in text)


def as_object(document: Any) -> Document:
    if not isinstance(document, dict):
        raise unexpected_response("")
    return document


def as_array(document: Any) -> list[Document]:
    if not isinstance(document, list):
        raise unexpected_response("")
    return [row for row in document if isinstance(row, dict)]


def unexpected_response(path: str) -> RemoteResponseError:
    return RemoteResponseError(
        f"The response to {path or 'the call'} does not have the format of"
        " Rocket.Chat's API. Check the address of the server and its version."
    )
