"""OpenAPI descriptions of the endpoints for searching and files."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from config.api.docs.components import (
    COUNT,
    FLAG,
    MOMENT,
    PAGING,
    SUCCESS,
    TEXT,
    failures,
    json_object,
)
from imports_app.api.workspace.kinds import RoomKind
from imports_app.api.workspace.schema.messages import MESSAGE
from imports_app.api.workspace.schema.rooms import (
    PERSON,
    READERS,
    describe,
    page,
    room_keys,
)

_FILE: Final = json_object(
    {
        "_id": TEXT,
        "name": TEXT,
        "size": COUNT,
        "type": TEXT,
        "typeGroup": TEXT,
        "rid": TEXT,
        "userId": TEXT,
        "user": PERSON,
        "complete": {**FLAG, "description": "Whether the content is stored."},
        "uploadedAt": MOMENT,
        "path": {
            **TEXT,
            "description": "Path of the content, for the same headers as this call.",
        },
        "url": TEXT,
        "_updatedAt": MOMENT,
    },
    optional=("size", "type", "typeGroup", "userId", "user", "path", "url"),
)
_SHORT_TEXT: Final = {"type": "string", "maxLength": 100}


def describe_search(endpoint: str) -> Any:
    """Describe the search."""
    return describe(
        endpoint,
        summary="Search the messages of a room, newest first",
        description=(
            f"{READERS} Finds messages with all words, in any order. Pages show the"
            " first 1,000 of them."
        ),
        parameters=[
            OpenApiParameter("roomId", str, required=True),
            OpenApiParameter(
                "searchText", {"type": "string", "maxLength": 255}, required=True
            ),
            *PAGING,
        ],
        answer=json_object(
            {"messages": {"type": "array", "items": MESSAGE}, "success": SUCCESS}
        ),
        errors={
            400: json_object(
                {"success": {"const": False}, "error": TEXT, "errorType": TEXT},
                optional=("error", "errorType"),
            )
        },
    )


def describe_files(endpoint: str, kind: RoomKind) -> Any:
    """Describe a list of files."""
    return describe(
        endpoint,
        summary=f"List the files of a {kind.noun}",
        description=READERS,
        parameters=[
            *room_keys(kind),
            *PAGING,
            OpenApiParameter("name", _SHORT_TEXT, description="Part of the name."),
            OpenApiParameter("typeGroup", _SHORT_TEXT, description="Such as `image`."),
            OpenApiParameter("onlyConfirmed", bool, description="Only stored files."),
            OpenApiParameter("sort", str, description='Default: `{"name": 1}`.'),
        ],
        answer=page("files", _FILE),
    )


def describe_content(endpoint: str) -> Any:
    """Describe the endpoint of a file's content."""
    content = OpenApiResponse(
        {"type": "string", "format": "binary"}, "The content, as a download."
    )
    return describe(
        endpoint,
        summary="Download the content of a file",
        description=f"{READERS} The URL contains no token: send the two headers.",
        answer={(200, "application/octet-stream"): content},
        errors=failures(404),
    )
