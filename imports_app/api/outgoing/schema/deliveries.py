"""OpenAPI descriptions of the endpoints of deliveries."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import extend_schema

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
from imports_app.api.outgoing.params import DeliveryData, ResumeData, StartData
from imports_app.models import DeliveryState, DeliveryStep

_RIGHTS: Final = (
    "Requires manage-connected-servers, view-room-administration and"
    " view-user-administration."
)
_DAY: Final = {"type": "string", "format": "date"}
_DELIVERY: Final[dict[str, Any]] = {
    "_id": TEXT,
    "server": TEXT,
    "state": {"type": "string", "enum": DeliveryState.values},
    "step": {"type": "string", "enum": DeliveryStep.values},
    "user": TEXT,
    "files": FLAG,
    "since": _DAY,
    "until": _DAY,
    "ts": MOMENT,
    "startedAt": MOMENT,
    "finishedAt": MOMENT,
    "_updatedAt": MOMENT,
    "waitingFor": TEXT,
    "nextAttemptAt": MOMENT,
    "error": TEXT,
    "errorType": TEXT,
    "count": json_object(
        {
            "messages": COUNT,
            "sent": COUNT,
            "usersCreated": COUNT,
            "usersConnected": COUNT,
            "problems": COUNT,
            "recordsFailed": COUNT,
            "avatarsFailed": COUNT,
            "filesFailed": COUNT,
        }
    ),
}
_OPTIONAL: Final = (
    *("step", "user", "since", "until", "startedAt", "finishedAt", "waitingFor"),
    *("nextAttemptAt", "error", "errorType"),
)
_ROOM: Final = json_object(
    {
        "rid": TEXT,
        "name": TEXT,
        "t": TEXT,
        "sent": COUNT,
        "new": COUNT,
        "arrived": {"type": "integer"},
        "problem": TEXT,
    },
    optional=("arrived", "problem"),
)
_PREVIEW: Final = {
    **json_object(
        {
            "users": json_object(
                {
                    "create": COUNT,
                    "connect": COUNT,
                    "known": COUNT,
                    "byUsername": TEXTS,
                    "byUsernameTotal": COUNT,
                    "administrators": TEXTS,
                }
            ),
            "rooms": json_object(
                {
                    "total": COUNT,
                    "existing": TEXTS,
                    "existingTotal": COUNT,
                    "conflicts": TEXTS,
                }
            ),
            "messages": json_object({"send": COUNT, "new": COUNT}),
            "notIncluded": {
                "type": "array",
                "items": json_object({"what": TEXT, "number": COUNT}),
            },
        }
    ),
    "type": ["object", "null"],
}
_EVENT: Final = json_object(
    {"ts": MOMENT, "user": TEXT, "text": TEXT}, optional=("user",)
)
_ANSWER: Final = {
    200: json_object(
        {"delivery": json_object(_DELIVERY, optional=_OPTIONAL), "success": SUCCESS}
    ),
    **failures(400, 401, 403, 404, 429),
}

describe_list = extend_schema(
    operation_id="deliveries",
    tags=["Deliveries"],
    summary="List deliveries",
    description=f"{_RIGHTS} The newest first.",
    parameters=[*PAGING],
    responses={
        200: json_object(
            {
                "deliveries": {
                    "type": "array",
                    "items": json_object(_DELIVERY, optional=_OPTIONAL),
                },
                "offset": COUNT,
                "count": COUNT,
                "total": COUNT,
                "success": SUCCESS,
            }
        ),
        **failures(400, 401, 403, 429),
    },
)
describe_create = extend_schema(
    operation_id="deliveryCreate",
    tags=["Deliveries"],
    summary="Prepare a delivery",
    description=(
        f"{_RIGHTS} A worker prepares the preview; nothing is sent before the start."
        " A server can have only one active delivery."
    ),
    request=DeliveryData,
    responses=_ANSWER,
)
describe_one = extend_schema(
    operation_id="delivery",
    tags=["Deliveries"],
    summary="Get a delivery",
    description=f"{_RIGHTS} With the preview, the outcome by room and the timeline.",
    responses={
        200: json_object(
            {
                "delivery": json_object(
                    {
                        **_DELIVERY,
                        "preview": _PREVIEW,
                        "rooms": {"type": "array", "items": _ROOM},
                        "timeline": {"type": "array", "items": _EVENT},
                    },
                    optional=_OPTIONAL,
                ),
                "success": SUCCESS,
            }
        ),
        **failures(400, 401, 403, 404, 429),
    },
)
describe_start = extend_schema(
    operation_id="deliveryStart",
    tags=["Deliveries"],
    summary="Start a delivery",
    description=(
        f"{_RIGHTS} Refused if a room exists on the server with other readers, or if"
        " a user is matched only by username and matchUsernames is not true."
    ),
    request=StartData,
    responses=_ANSWER,
)
describe_cancel = extend_schema(
    operation_id="deliveryCancel",
    tags=["Deliveries"],
    summary="Cancel a delivery",
    description=f"{_RIGHTS} Records that were already imported stay on the server.",
    request=None,
    responses=_ANSWER,
)
describe_resume = extend_schema(
    operation_id="deliveryResume",
    tags=["Deliveries"],
    summary="Resume a delivery",
    description=(
        f"{_RIGHTS} Continues a failed, cancelled or blocked delivery where it stopped."
    ),
    request=ResumeData,
    responses=_ANSWER,
)
