"""OpenAPI descriptions of the role endpoints."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema

from accounts.api.schema.users import USER
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

_SCOPE: Final = {"type": "string", "enum": ["Users", "Subscriptions"]}
_PROPERTIES: Final[dict[str, Any]] = {
    "_id": TEXT,
    "name": TEXT,
    "scope": _SCOPE,
    "description": TEXT,
    "protected": FLAG,
    "mandatory2fa": FLAG,
}
_CHANGED: Final = {**_PROPERTIES, "_updatedAt": MOMENT}
_ONE_ROLE: Final = json_object({"role": json_object(_CHANGED), "success": SUCCESS})
_NEW: Final = {"name": TEXT, "scope": _SCOPE, "description": TEXT, "mandatory2fa": FLAG}
_ROLE_AND_USER: Final = {
    "roleId": {**TEXT, "description": "ID or name of the role."},
    "roleName": {**TEXT, "description": "Instead of roleId."},
    "username": TEXT,
}
_ANSWERS: Final = failures(400, 401, 403, 413, 429)
_INSIDE: Final = "Requires access-permissions; without it the status is 400."
_NEEDS: Final = "Requires access-permissions."


def _body(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    return dict.fromkeys(BODY_TYPES, json_object(properties, optional=optional))


def _holder_body(*ignored: str) -> dict[str, Any]:
    """Return the body of endpoints that grant or revoke a role."""
    schema = json_object(
        {**_ROLE_AND_USER, **dict.fromkeys(ignored, TEXT)},
        optional=("roleId", "roleName", *ignored),
    )
    schema["anyOf"] = [{"required": ["roleId"]}, {"required": ["roleName"]}]
    return dict.fromkeys(BODY_TYPES, schema)


describe_list = extend_schema(
    operation_id="roles.list",
    tags=["Roles and permissions"],
    summary="List roles",
    responses={
        200: json_object(
            {
                "roles": {"type": "array", "items": json_object(_PROPERTIES)},
                "success": SUCCESS,
            }
        ),
        **failures(400, 401, 403, 429),
    },
)
describe_sync = extend_schema(
    operation_id="roles.sync",
    tags=["Roles and permissions"],
    summary="List roles that were changed or deleted",
    parameters=[
        OpenApiParameter(
            "updatedSince", str, description="Only changes after this date."
        )
    ],
    responses={
        200: json_object(
            {
                "roles": json_object(
                    {
                        "update": {"type": "array", "items": json_object(_CHANGED)},
                        "remove": {
                            "type": "array",
                            "items": json_object({**_CHANGED, "_deletedAt": MOMENT}),
                        },
                    }
                ),
                "success": SUCCESS,
            }
        ),
        **failures(400, 401, 403, 429),
    },
)
describe_public_roles = extend_schema(
    operation_id="roles.getUsersInPublicRoles",
    tags=["Roles and permissions"],
    summary="List users with the role admin or a custom role that has a description",
    description="Requires view-d-room.",
    responses={
        200: json_object(
            {
                "users": {
                    "type": "array",
                    "items": json_object(
                        {"_id": TEXT, "username": TEXT, "roles": TEXTS}
                    ),
                },
                "success": SUCCESS,
            }
        ),
        **failures(400, 401, 403, 429),
    },
)
describe_create = extend_schema(
    operation_id="roles.create",
    tags=["Roles and permissions"],
    summary="Create a role",
    description=_INSIDE,
    request=_body(_NEW, "scope", "description", "mandatory2fa"),
    responses={200: _ONE_ROLE, **_ANSWERS},
    examples=[
        OpenApiExample(
            "A role",
            {"name": "auditor", "description": "Read-only users"},
            request_only=True,
        )
    ],
)
describe_update = extend_schema(
    operation_id="roles.update",
    tags=["Roles and permissions"],
    summary="Update a role; omitted properties stay unchanged",
    description=_INSIDE,
    request=_body({"roleId": TEXT, **_NEW}, "scope", "description", "mandatory2fa"),
    responses={200: _ONE_ROLE, **_ANSWERS},
    examples=[
        OpenApiExample(
            "New name",
            {"roleId": "auditor", "name": "inspector"},
            request_only=True,
        )
    ],
)
describe_delete = extend_schema(
    operation_id="roles.delete",
    tags=["Roles and permissions"],
    summary="Delete a custom role that no user has",
    description=_NEEDS,
    request=_body({"roleId": TEXT}),
    responses={200: json_object({"success": SUCCESS}), **_ANSWERS},
    examples=[
        OpenApiExample("By name", {"roleId": "auditor"}, request_only=True),
    ],
)
describe_add_user = extend_schema(
    operation_id="roles.addUserToRole",
    tags=["Roles and permissions"],
    summary="Grant a role to a user",
    description=f"{_INSIDE} The role admin also requires assign-admin-role.",
    request=_holder_body("roomId"),
    responses={200: _ONE_ROLE, **_ANSWERS},
    examples=[
        OpenApiExample(
            "A bot", {"roleId": "bot", "username": "plain"}, request_only=True
        )
    ],
)
describe_remove_user = extend_schema(
    operation_id="roles.removeUserFromRole",
    tags=["Roles and permissions"],
    summary="Revoke a role from a user",
    description=f"{_NEEDS} The role admin also requires assign-admin-role.",
    request=_holder_body("roomId", "scope"),
    responses={200: _ONE_ROLE, **_ANSWERS},
    examples=[
        OpenApiExample(
            "Revoke the role bot",
            {"roleId": "bot", "username": "plain"},
            request_only=True,
        )
    ],
)
describe_users = extend_schema(
    operation_id="roles.getUsersInRole",
    tags=["Roles and permissions"],
    summary="List users with a role, by username",
    description=_NEEDS,
    parameters=[
        OpenApiParameter(
            "role", str, required=True, description="ID or name of the role."
        ),
        OpenApiParameter(
            "roomId", str, description="Ignored for roles of the whole server."
        ),
        *PAGING,
    ],
    responses={
        200: json_object(
            {
                "users": {"type": "array", "items": USER},
                "total": COUNT,
                "success": SUCCESS,
            }
        ),
        **failures(400, 401, 403, 429),
    },
)
