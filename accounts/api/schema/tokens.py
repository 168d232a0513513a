"""OpenAPI descriptions of the personal access token endpoints."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema

from config.api.docs.components import (
    BODY_TYPES,
    FLAG,
    MOMENT,
    SUCCESS,
    TEXT,
    failures,
    json_object,
)

_NEEDS: Final = "Requires create-personal-access-tokens; without it the status is 400."
_ANSWERS: Final = failures(400, 401, 403, 413, 429)
_SECOND_FACTOR: Final = [
    OpenApiParameter(
        "x-2fa-code",
        str,
        OpenApiParameter.HEADER,
        description=(
            "A code from the authenticator app or a recovery code. Without an app: the"
            " password's SHA-256 in lower-case hex if TWO_FACTOR_BY_PASSWORD is on."
        ),
    ),
    OpenApiParameter(
        "x-2fa-method",
        str,
        OpenApiParameter.HEADER,
        description="`totp` or `password` (optional).",
    ),
]
_BODY: Final = json_object({"tokenName": TEXT})
_NEW_BODY: Final = json_object(
    {
        "tokenName": TEXT,
        "bypassTwoFactor": FLAG,
        "loginToken": {**TEXT, "description": "Accepted and ignored."},
    },
    optional=("bypassTwoFactor", "loginToken"),
)
_NAMED: Final = OpenApiExample("A token", {"tokenName": "laptop"}, request_only=True)
_TOKEN: Final = json_object({"token": TEXT, "success": SUCCESS})


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(BODY_TYPES, schema)


describe_generate = extend_schema(
    operation_id="users.generatePersonalAccessToken",
    tags=["Personal access tokens"],
    summary="Create a personal access token; its value is shown only once",
    description=_NEEDS,
    parameters=_SECOND_FACTOR,
    request=_body(_NEW_BODY),
    responses={200: _TOKEN, **_ANSWERS},
    examples=[_NAMED],
)
describe_regenerate = extend_schema(
    operation_id="users.regeneratePersonalAccessToken",
    tags=["Personal access tokens"],
    summary="Replace the value of a token; the old value stops working",
    description=_NEEDS,
    parameters=_SECOND_FACTOR,
    request=_body(_BODY),
    responses={200: _TOKEN, **_ANSWERS},
    examples=[_NAMED],
)
describe_remove = extend_schema(
    operation_id="users.removePersonalAccessToken",
    tags=["Personal access tokens"],
    summary="Delete a personal access token",
    description=_NEEDS,
    parameters=_SECOND_FACTOR,
    request=_body(_BODY),
    responses={200: json_object({"success": SUCCESS}), **_ANSWERS},
    examples=[_NAMED],
)
describe_list = extend_schema(
    operation_id="users.getPersonalAccessTokens",
    tags=["Personal access tokens"],
    summary="List the caller's personal access tokens, without their values",
    description="Requires create-personal-access-tokens.",
    responses={
        200: json_object(
            {
                "tokens": {
                    "type": "array",
                    "items": json_object(
                        {
                            "name": TEXT,
                            "createdAt": MOMENT,
                            "lastTokenPart": TEXT,
                            "bypassTwoFactor": FLAG,
                        }
                    ),
                },
                "success": SUCCESS,
            }
        ),
        **failures(400, 401, 403, 429),
    },
)
