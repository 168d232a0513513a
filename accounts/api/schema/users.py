"""OpenAPI descriptions of the user endpoints."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema

from accounts.api.schema.sessions import EMAILS
from config.api.docs.components import (
    BODY_TYPES,
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

_PROPERTIES: Final[dict[str, Any]] = {
    "_id": TEXT,
    "createdAt": MOMENT,
    "username": TEXT,
    "emails": EMAILS,
    "type": TEXT,
    "status": TEXT,
    "active": FLAG,
    "roles": TEXTS,
    "_updatedAt": MOMENT,
    "name": TEXT,
    "nickname": TEXT,
    "bio": TEXT,
    "statusText": TEXT,
    "utcOffset": {"type": "number"},
    "importIds": TEXTS,
    "settings": {"type": "object"},
    "customFields": {"type": "object"},
}
_OPTIONAL: Final = (
    *("username", "emails", "name", "nickname", "bio", "statusText", "importIds"),
    "customFields",
)
USER: Final = json_object(_PROPERTIES, optional=_OPTIONAL)
_NULLABLE_TEXT: Final = {"type": ["string", "null"]}
_NULLABLE_FLAG: Final = {"type": ["boolean", "null"]}
_NEW_USER: Final = json_object(
    {
        "username": TEXT,
        "name": TEXT,
        "email": TEXT,
        "password": TEXT,
        "active": _NULLABLE_FLAG,
        "roles": {**TEXTS, "description": "IDs or names. Default: `user`."},
        "verified": _NULLABLE_FLAG,
        "bio": _NULLABLE_TEXT,
        "nickname": _NULLABLE_TEXT,
        "statusText": _NULLABLE_TEXT,
        "setRandomPassword": {
            **_NULLABLE_FLAG,
            "description": "The user can't log in with a password.",
        },
        "requirePasswordChange": {
            **_NULLABLE_FLAG,
            "description": "Accepted and ignored.",
        },
        "joinDefaultChannels": {
            **_NULLABLE_FLAG,
            "description": "Accepted and ignored.",
        },
        "sendWelcomeEmail": {
            **_NULLABLE_FLAG,
            "description": "Accepted and ignored: the server sends no mail.",
        },
        "customFields": {
            "type": "object",
            "description": "Any properties, of at most 10,000 bytes as JSON.",
        },
    },
    optional=(
        *("active", "roles", "verified", "bio", "nickname", "statusText"),
        *("setRandomPassword", "requirePasswordChange", "joinDefaultChannels"),
        *("sendWelcomeEmail", "customFields"),
    ),
)
_USER_TO_DELETE: Final = json_object(
    {
        "userId": TEXT,
        "username": TEXT,
        "user": {**TEXT, "description": "Instead of username."},
        "confirmRelinquish": FLAG,
    },
    optional=("userId", "username", "user", "confirmRelinquish"),
)
_PROJECTED_USER: Final = json_object(
    _PROPERTIES, optional=tuple(set(_PROPERTIES) - {"_id"})
)
_ROOM: Final = json_object(
    {
        "rid": TEXT,
        "name": {**TEXT, "description": "Of direct messages: the other members."},
        "fname": TEXT,
        "t": TEXT,
        "roles": TEXTS,
        "unread": COUNT,
    },
    optional=("fname", "roles"),
)
_USER_WITH_ROOMS: Final = json_object(
    {**_PROPERTIES, "rooms": {"type": "array", "items": _ROOM}},
    optional=(*(set(_PROPERTIES) - {"_id"}), "rooms"),
)
_FIELDS: Final = OpenApiParameter(
    "fields",
    str,
    description='A projection: `{"username": 1}` or `{"settings": 0}`.',
)
_ONE_USER: Final = json_object({"user": USER, "success": SUCCESS})
_PRIVATE: Final = (
    "Viewing e-mail addresses, import IDs and custom fields of other users, or finding"
    " users by an address or import ID, requires view-user-administration."
)

describe_create = extend_schema(
    operation_id="users.create",
    tags=["Users"],
    summary="Create a user",
    description=(
        "Requires create-user; without it the status is 400. Roles other than `user`"
        " require access-permissions, the role admin also requires assign-admin-role."
        " Optional properties that may be `null` count as omitted if they are."
    ),
    request=dict.fromkeys(BODY_TYPES, _NEW_USER),
    responses={200: _ONE_USER, **failures(400, 401, 403, 413, 429)},
    examples=[
        OpenApiExample(
            "Ann",
            {
                "username": "ann",
                "name": "Ann",
                "email": "ann@example.org",
                "password": "correct horse battery staple",
            },
            request_only=True,
        )
    ],
)
describe_list = extend_schema(
    operation_id="users.list",
    tags=["Users"],
    summary="List users",
    description=f"Requires view-d-room. {_PRIVATE}",
    parameters=[
        *PAGING,
        OpenApiParameter(
            "sort",
            str,
            description=(
                'For example `{"name": -1}`. Sorting by `emails.address` requires'
                " view-user-administration."
            ),
        ),
        _FIELDS,
        OpenApiParameter(
            "email", str, description="Only the user with this e-mail address."
        ),
    ],
    responses={
        200: json_object(
            {
                "users": {"type": "array", "items": _PROJECTED_USER},
                "count": COUNT,
                "offset": COUNT,
                "total": COUNT,
                "success": SUCCESS,
            }
        ),
        **failures(400, 401, 403, 429),
    },
)
describe_info = extend_schema(
    operation_id="users.info",
    tags=["Users"],
    summary="Get a user by exactly one key",
    description=_PRIVATE,
    parameters=[
        OpenApiParameter("userId", str),
        OpenApiParameter("username", str),
        OpenApiParameter(
            "importId", str, description="The user's ID in an import source."
        ),
        OpenApiParameter("email", str),
        _FIELDS,
        OpenApiParameter(
            "includeUserRooms",
            str,
            description=(
                "`true` adds the user's rooms to the response. Those of other users"
                " require view-room-administration; without it, they are omitted."
            ),
        ),
    ],
    responses={
        200: json_object({"user": _USER_WITH_ROOMS, "success": SUCCESS}),
        **failures(400, 401, 403, 429),
    },
)
describe_delete = extend_schema(
    operation_id="users.delete",
    tags=["Users"],
    summary="Delete a user",
    description="Requires delete-user. Content that the user imported stays.",
    request=dict.fromkeys(BODY_TYPES, _USER_TO_DELETE),
    responses={
        200: json_object(
            {"deletedRooms": {"type": "array", "maxItems": 0}, "success": SUCCESS}
        ),
        **failures(400, 401, 403, 413, 429),
    },
    examples=[OpenApiExample("By name", {"username": "ann"}, request_only=True)],
)
