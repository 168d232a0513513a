"""Responses of Rocket.Chat's API, read without trust in their form."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Final

from imports_app.downloads.http import Reply
from imports_app.remote.errors import (
    RemoteAnswerError,
    RemoteBusyError,
    RemotePermissionError,
    RemoteRefusedError,
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
        raise odd_answer(path) from error
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
            raise odd_answer(path)
        raise RemoteRefusedError(f"The server refuses the call {path}: {text}.")
    if reply.status != 200:
        raise odd_answer(path)
    return document


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which are not JSON."""
    raise ValueError(name)


def check_status(reply: Reply) -> None:
    """Raise an error for a status that means the same to every product.

    Raises:
        RemoteError: The token, the size or the rate is refused, or the server failed.
    """
    status = reply.status
    if status == 401:
        raise RemoteTokenError(
            "The server does not accept the token. Create a new token there, and store"
            " it in the settings of the connected server here."
        )
    if status == 413:
        raise RemoteTooLargeError(
            "The server or its proxy refuses a body of this size. Raise the limit of"
            " the proxy in front of the server, then try again."
        )
    if status == 429:
        raise RemoteBusyError(
            "The server limits the rate of calls.",
            is_passing=True,
            retry_after=_wait_of(reply.headers),
        )
    if status >= 500:
        raise RemoteUnreachableError(
            f"The server or its proxy responds with status {status}.",
            is_passing=True,
            is_unclear=True,
            retry_after=_wait_of(reply.headers),
        )


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
        raise odd_answer("")
    return document


def as_array(document: Any) -> list[Document]:
    if not isinstance(document, list):
        raise odd_answer("")
    return [row for row in document if isinstance(row, dict)]


def odd_answer(path: str) -> RemoteAnswerError:
    return RemoteAnswerError(
        f"The response to {path or 'the call'} is not one of Rocket.Chat's API. Check"
        " the address of the server and its version."
    )
