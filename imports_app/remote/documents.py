"""Validation of documents of Rocket.Chat's API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

_PRIVILEGED: Final = frozenset({"admin"})
_IN_PROGRESS: Final = (
    *("importer_uploading", "importer_downloading", "importer_file_loaded"),
    *("importer_preparing", "importer_user_selection", "importer_importing"),
    "importer_finishing",
)
_RUNNING: Final = ("importer_importing", "importer_finishing")
SELECTION: Final = "importer_user_selection"
DONE: Final = "importer_done"
FAILED: Final = ("importer_import_failed", "importer_import_cancelled")


@dataclass(frozen=True, slots=True)
class Account:
    """User of the server."""

    id: str
    username: str
    name: str
    emails: tuple[str, ...]
    is_active: bool
    is_privileged: bool


@dataclass(frozen=True, slots=True)
class RemoteRoom:
    """Room of the server."""

    id: str
    type: str
    name: str
    usernames: frozenset[str]
    """Members of direct messages, in lower case."""
    messages: int


@dataclass(frozen=True, slots=True)
class RemoteOperation:
    """Import operation of the server."""

    id: str
    importer: str
    status: str
    is_valid: bool
    file: str
    errors: int

    @property
    def is_in_progress(self) -> bool:
        """Whether a new operation would end this one."""
        return self.is_valid and self.status.startswith(_IN_PROGRESS)

    @property
    def is_running(self) -> bool:
        """Whether it is importing."""
        return self.status.startswith(_RUNNING)


def read_account(document: dict[str, Any]) -> Account | None:
    """Return a user, or `None` without an ID and a username."""
    key, username = document.get("_id"), document.get("username")
    if not isinstance(key, str) or not isinstance(username, str):
        return None
    return Account(
        id=key,
        username=username,
        name=_text(document.get("name")),
        emails=tuple(
            one["address"]
            for one in _list(document.get("emails"))
            if isinstance(one, dict) and isinstance(one.get("address"), str)
        ),
        is_active=document.get("active") is not False,
        is_privileged=any(
            one in _PRIVILEGED
            for one in _list(document.get("roles"))
            if isinstance(one, str)
        ),
    )


def read_room(document: dict[str, Any]) -> RemoteRoom | None:
    """Return a room, or `None` without an ID and a type."""
    key, kind = document.get("_id"), document.get("t")
    if not isinstance(key, str) or not isinstance(kind, str):
        return None
    names = _list(document.get("usernames"))
    return RemoteRoom(
        id=key,
        type=kind,
        name=_text(document.get("name")),
        usernames=frozenset(one.lower() for one in names if isinstance(one, str)),
        messages=_number(document.get("msgs")),
    )


def read_operation(document: dict[str, Any] | None) -> RemoteOperation | None:
    """Return an operation, or `None` without an ID."""
    if document is None or not isinstance(document.get("_id"), str):
        return None
    count = document.get("count")
    return RemoteOperation(
        id=document["_id"],
        importer=_text(document.get("importerKey")),
        status=_text(document.get("status")),
        is_valid=document.get("valid") is True,
        file=_text(document.get("file")),
        errors=_number(count.get("error")) if isinstance(count, dict) else 0,
    )


def read_message(document: Any) -> tuple[str, str]:
    """Return time and text of a message."""
    if not isinstance(document, dict):
        return "", ""
    return _text(document.get("ts")), _text(document.get("msg"))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
