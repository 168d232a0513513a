"""OpenAPI descriptions of the endpoints for messages and threads."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter

from config.api.docs.components import (
    COUNT,
    FLAG,
    MOMENT,
    PAGING,
    SUCCESS,
    TEXT,
    TEXTS,
    json_object,
)
from imports_app.api.workspace.kinds import RoomKind
from imports_app.api.workspace.schema.rooms import (
    FIELDS,
    PERSON,
    READERS,
    SORT,
    describe,
    page,
    room_keys,
)

_FILE: Final = json_object(
    {"_id": TEXT, "name": TEXT, "type": TEXT, "format": TEXT, "size": COUNT},
    optional=("size",),
)
_PROPERTIES: Final[dict[str, Any]] = {
    "_id": TEXT,
    "rid": TEXT,
    "t": {**TEXT, "description": "Kind of an event, such as `uj` for joining."},
    "msg": TEXT,
    "ts": MOMENT,
    "u": PERSON,
    "mentions": {"type": "array", "items": PERSON},
    "tmid": {**TEXT, "description": "First message of the thread of a reply."},
    "tshow": FLAG,
    "tcount": COUNT,
    "tlm": MOMENT,
    "replies": {**TEXTS, "description": "IDs of the users who replied."},
    "alias": TEXT,
    "emoji": TEXT,
    "bot": FLAG,
    "editedAt": MOMENT,
    "editedBy": PERSON,
    "reactions": {
        "type": "object",
        "additionalProperties": json_object({"usernames": TEXTS}),
    },
    "attachments": {"type": "array", "items": {"type": "object"}},
    "file": _FILE,
    "files": {"type": "array", "items": _FILE},
    "_updatedAt": MOMENT,
}
_ALWAYS: Final = frozenset({"_id", "rid", "msg", "ts", "u", "mentions", "_updatedAt"})
MESSAGE: Final = json_object(
    _PROPERTIES, optional=tuple(name for name in _PROPERTIES if name not in _ALWAYS)
)
_PROJECTED: Final = json_object(
    _PROPERTIES, optional=tuple(name for name in _PROPERTIES if name != "_id")
)
_NO_TEXT: Final = json_object({"success": {"const": False}})
_LATEST: Final = OpenApiParameter("latest", MOMENT, description="End of the period.")
_OLDEST: Final = OpenApiParameter(
    "oldest", MOMENT, description="Beginning of the period."
)


def describe_messages(endpoint: str, kind: RoomKind) -> Any:
    """Describe a list of messages."""
    return describe(
        endpoint,
        summary=f"List all messages of a {kind.noun}, newest first",
        description=READERS,
        parameters=[*room_keys(kind), *PAGING, SORT, FIELDS],
        answer=page("messages", _PROJECTED),
    )


def describe_history(endpoint: str, kind: RoomKind) -> Any:
    """Describe a history."""
    return describe(
        endpoint,
        summary=f"List the messages of a {kind.noun} in a period, newest first",
        description=READERS,
        parameters=[
            *room_keys(kind),
            *PAGING,
            _LATEST,
            _OLDEST,
            OpenApiParameter(
                "inclusive", bool, description="Whether both ends are in the period."
            ),
            OpenApiParameter(
                "unreads",
                bool,
                description="Whether to count the messages from `oldest` to the page.",
            ),
            OpenApiParameter(
                "showThreadMessages",
                bool,
                description="Whether to include replies of threads.",
            ),
        ],
        answer=json_object(
            {
                "messages": {"type": "array", "items": MESSAGE},
                "unreadNotLoaded": COUNT,
                "firstUnread": MESSAGE,
                "success": SUCCESS,
            },
            optional=("unreadNotLoaded", "firstUnread"),
        ),
    )


def describe_get_message(endpoint: str) -> Any:
    """Describe the endpoint of a message."""
    return describe(
        endpoint,
        summary="Get a message",
        description=READERS,
        parameters=[OpenApiParameter("msgId", str, required=True)],
        answer=json_object({"message": MESSAGE, "success": SUCCESS}),
        errors={400: _NO_TEXT},
    )


def describe_thread(endpoint: str) -> Any:
    """Describe the list of replies."""
    return describe(
        endpoint,
        summary="List the replies of a thread, oldest first",
        description=READERS,
        parameters=[
            OpenApiParameter("tmid", str, required=True),
            *PAGING,
            SORT,
            FIELDS,
        ],
        answer=page("messages", _PROJECTED),
    )


def describe_threads(endpoint: str) -> Any:
    """Describe the list of threads."""
    return describe(
        endpoint,
        summary="List the threads of a room, by default by last reply",
        description=READERS,
        parameters=[
            OpenApiParameter("rid", str, required=True),
            *PAGING,
            OpenApiParameter(
                "text",
                {"type": "string", "maxLength": 100},
                description="Part of the text of the first message.",
            ),
            OpenApiParameter(
                "sort",
                str,
                description='By `tlm` or `ts`, for example `{"ts": -1}`.',
            ),
        ],
        answer=page("threads", MESSAGE),
    )
