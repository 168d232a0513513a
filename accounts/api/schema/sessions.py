"""OpenAPI descriptions of login, logout and me."""

from __future__ import annotations

import hashlib
from typing import Final

from drf_spectacular.utils import OpenApiExample, extend_schema

from config.api.docs.components import (
    BODY_TYPES,
    FLAG,
    MOMENT,
    SUCCESS,
    TEXT,
    TEXTS,
    failures,
    json_object,
)

EMAILS: Final = {
    "type": "array",
    "items": json_object({"address": TEXT, "verified": FLAG}),
}
_PROFILE: Final = {
    "_id": TEXT,
    "name": TEXT,
    "username": TEXT,
    "emails": EMAILS,
    "email": TEXT,
    "status": TEXT,
    "statusConnection": TEXT,
    "utcOffset": {"type": "number"},
    "active": FLAG,
    "roles": TEXTS,
    "settings": {"type": "object"},
    "isOAuthUser": {"const": False},
    "customFields": {"type": "object"},
    "_updatedAt": MOMENT,
    "avatarUrl": TEXT,
}
_PROFILE_OPTIONAL: Final = (
    *("name", "username", "emails", "email", "avatarUrl", "customFields"),
)
_LOGIN_BODY: Final = {
    "type": "object",
    "properties": {
        "user": {
            "anyOf": [
                TEXT,
                {
                    "type": "object",
                    "properties": {"username": TEXT, "email": TEXT, "id": TEXT},
                },
            ],
            "description": "A username, an e-mail address or an object with one.",
        },
        "username": TEXT,
        "email": TEXT,
        "password": {
            "anyOf": [
                TEXT,
                json_object({"digest": TEXT, "algorithm": {"const": "sha-256"}}),
            ],
            "description": "The password or its SHA-256 in lower-case hex.",
        },
        "resume": {**TEXT, "description": "An existing token to log in with."},
        "code": {**TEXT, "description": "The two-factor code."},
    },
}
_LOGGED_IN: Final = json_object(
    {
        "status": {"const": "success"},
        "data": json_object(
            {
                "userId": TEXT,
                "authToken": TEXT,
                "me": json_object(_PROFILE, optional=_PROFILE_OPTIONAL),
            }
        ),
        "success": SUCCESS,
    }
)
_LOGGING_OUT: Final = {
    200: json_object(
        {"status": {"const": "success"}, "data": json_object({"message": TEXT})}
    ),
    **failures(400, 401, 403, 413, 429),
}

describe_login = extend_schema(
    operation_id="login",
    tags=["Login"],
    summary="Log in with a password or an existing token",
    request=dict.fromkeys(BODY_TYPES, _LOGIN_BODY),
    responses={200: _LOGGED_IN, **failures(400, 401, 413, 429)},
    examples=[
        OpenApiExample(
            "Username and password",
            {"user": "admin", "password": "import-demo"},
            request_only=True,
        ),
        OpenApiExample(
            "The password's digest",
            {
                "user": {"username": "admin"},
                "password": {
                    "digest": hashlib.sha256(b"import-demo").hexdigest(),
                    "algorithm": "sha-256",
                },
            },
            request_only=True,
        ),
    ],
)
describe_logout = extend_schema(
    operation_id="logout",
    tags=["Login"],
    summary="End the token of this call",
    request=None,
    responses=_LOGGING_OUT,
)
describe_logout_by_get = extend_schema(
    operation_id="logoutByGet",
    tags=["Login"],
    summary="End the token of this call (GET variant)",
    responses=_LOGGING_OUT,
)
describe_me = extend_schema(
    operation_id="me",
    tags=["Login"],
    summary="Get the caller's profile",
    responses={
        200: json_object({**_PROFILE, "success": SUCCESS}, optional=_PROFILE_OPTIONAL),
        **failures(400, 401, 403, 429),
    },
)
