"""OpenAPI descriptions of the endpoints for rooms and members."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view

from config.api.docs.components import (
    COUNT,
    FLAG,
    MOMENT,
    PAGING,
    SUCCESS,
    TEXT,
    TEXTS,
    failures,
    json_object,
)
from imports_app.api.workspace.kinds import DIRECT, RoomKind

PERSON: Final = json_object(
    {"_id": TEXT, "username": TEXT, "name": TEXT}, optional=("name",)
)
READERS: Final = (
    "Requires view-room-administration or membership in the room. A room that the"
    " caller may not read returns the same error as a room that does not exist."
)
TAG: Final = "Workspace"
_ROOM_PROPERTIES: Final[dict[str, Any]] = {
    "_id": TEXT,
    "name": TEXT,
    "fname": {**TEXT, "description": "Name in the source."},
    "t": {"type": "string", "enum": ["c", "p", "d"]},
    "msgs": COUNT,
    "usersCount": COUNT,
    "u": PERSON,
    "uids": TEXTS,
    "usernames": TEXTS,
    "ts": MOMENT,
    "lm": MOMENT,
    "topic": TEXT,
    "description": TEXT,
    "archived": FLAG,
    "ro": FLAG,
    "sysMes": FLAG,
    "default": FLAG,
    "broadcast": FLAG,
    "encrypted": FLAG,
    "customFields": {"type": "object"},
    "_updatedAt": MOMENT,
}
_OPTIONAL: Final = (
    *("name", "fname", "u", "uids", "usernames", "lm", "topic", "description"),
    "archived",
)
_BINARY: Final = "application/octet-stream"
_MEMBER: Final = json_object(
    {
        "_id": TEXT,
        "username": TEXT,
        "name": TEXT,
        "status": TEXT,
        "statusText": TEXT,
        "roles": TEXTS,
        "active": FLAG,
        "_updatedAt": MOMENT,
    },
    optional=("name", "statusText", "roles"),
)
SORT: Final = OpenApiParameter("sort", str, description='For example `{"ts": 1}`.')
FIELDS: Final = OpenApiParameter("fields", str, description='For example `{"ts": 1}`.')


def room_keys(kind: RoomKind | None) -> list[OpenApiParameter]:
    """Return the parameters that name a room."""
    other = "username" if kind is DIRECT else "roomName"
    return [OpenApiParameter("roomId", str), OpenApiParameter(other, str)]


def page(name: str, items: Any) -> dict[str, Any]:
    """Return the schema of a page of a list."""
    return json_object(
        {
            name: {"type": "array", "items": items},
            "count": COUNT,
            "offset": COUNT,
            "total": COUNT,
            "success": SUCCESS,
        }
    )


def describe_list(endpoint: str, kind: RoomKind) -> Any:
    """Describe a list of rooms."""
    properties = tuple(set(_ROOM_PROPERTIES) - {"_id"})
    return describe(
        endpoint,
        summary=f"List {kind.noun}s",
        description=(
            "All rooms for holders of view-room-administration, otherwise those that"
            " the caller may read as a member."
        ),
        parameters=[*PAGING, SORT, FIELDS],
        answer=page(kind.many, json_object(_ROOM_PROPERTIES, optional=properties)),
    )


def describe_info(endpoint: str, kind: RoomKind | None) -> Any:
    """Describe the endpoint of a room."""
    room = json_object(_ROOM_PROPERTIES, optional=_OPTIONAL)
    noun = "room of any kind" if kind is None else kind.noun
    return describe(
        endpoint,
        summary=f"Get a {noun}",
        description=READERS,
        parameters=room_keys(kind),
        answer=json_object(
            {"room" if kind is None else kind.one: room, "success": SUCCESS}
        ),
    )


def describe_members(endpoint: str, kind: RoomKind) -> Any:
    """Describe the list of members."""
    return describe(
        endpoint,
        summary=f"List the members of a {kind.noun}",
        description=READERS,
        parameters=[
            *room_keys(kind),
            *PAGING,
            OpenApiParameter(
                "filter",
                {"type": "string", "maxLength": 100},
                description="Part of a username or name.",
            ),
        ],
        answer=page("members", _MEMBER),
    )


def describe(
    endpoint: str, *, answer: Any, errors: Any = None, **description: Any
) -> Any:
    """Describe an endpoint.

    Args:
        endpoint: Its name.
        answer: Schema of a successful response, or the response of a content.
        errors: Schemas of further errors, by status.
        description: Summary, description and parameters.
    """
    others = {**failures(400, 401, 403, 429), **(errors or {})}
    answers = answer if (200, _BINARY) in answer else {200: answer}
    return extend_schema_view(
        get=extend_schema(
            operation_id=endpoint,
            tags=[TAG],
            responses={**answers, **others},
            **description,
        )
    )
