"""OpenAPI descriptions of the permission endpoints."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema

from config.api.docs.components import (
    BODY_TYPES,
    MOMENT,
    SUCCESS,
    TEXT,
    TEXTS,
    failures,
    json_object,
)

_PERMISSIONS: Final = {
    "type": "array",
    "items": json_object({"_id": TEXT, "roles": TEXTS, "_updatedAt": MOMENT}),
}
_BODY: Final = json_object(
    {
        "permissions": {
            "type": "array",
            "items": json_object(
                {"_id": TEXT, "roles": {**TEXTS, "uniqueItems": True}}
            ),
        }
    }
)

describe_list = extend_schema(
    operation_id="permissions.listAll",
    tags=["Roles and permissions"],
    summary="List permissions with the IDs of their roles",
    description="Permissions of Rocket.Chat that have no effect here are included.",
    parameters=[
        OpenApiParameter(
            "updatedSince", str, description="Only permissions changed after this date."
        )
    ],
    responses={
        200: json_object(
            {
                "update": _PERMISSIONS,
                "remove": {"type": "array", "maxItems": 0},
                "success": SUCCESS,
            }
        ),
        **failures(400, 401, 403, 429),
    },
)
describe_update = extend_schema(
    operation_id="permissions.update",
    tags=["Roles and permissions"],
    summary="Replace the roles of permissions",
    description="Requires access-permissions. Takes effect immediately.",
    request=dict.fromkeys(BODY_TYPES[:1], _BODY),
    responses={
        200: json_object({"permissions": _PERMISSIONS, "success": SUCCESS}),
        **failures(400, 401, 403, 413, 429),
    },
    examples=[
        OpenApiExample(
            "Roles that may view imports",
            {
                "permissions": [
                    {"_id": "view-import-operations", "roles": ["admin", "user"]}
                ]
            },
            request_only=True,
        )
    ],
)


_ROLE_CHANGE: Final[dict[str, Any]] = {
    "tags": ["Roles and permissions"],
    "description": "Requires access-permissions. Takes effect immediately.",
    "request": dict.fromkeys(
        BODY_TYPES, json_object({"permissionId": TEXT, "role": TEXT})
    ),
    "responses": {
        200: json_object({"success": SUCCESS}),
        **failures(400, 401, 403, 413, 429),
    },
    "examples": [
        OpenApiExample(
            "A role that may view imports",
            {"permissionId": "view-import-operations", "role": "bot"},
            request_only=True,
        )
    ],
}

describe_add_role = extend_schema(
    operation_id="permissions.addRole",
    summary="Add a permission to a role",
    **_ROLE_CHANGE,
)
describe_remove_role = extend_schema(
    operation_id="permissions.removeRole",
    summary="Remove a permission from a role",
    **_ROLE_CHANGE,
)
