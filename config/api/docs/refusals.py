"""Headers of refused calls in the OpenAPI description."""

from __future__ import annotations

from typing import Any

from config.api.docs.components import TEXT
from config.api.permissions import ACCEPTED_PERMISSIONS


def describe_accepted_permissions(result: Any, **_options: Any) -> Any:
    """Add the header of refused calls to all responses 401 and 403.

    A hook of drf-spectacular, which has no headers for all responses of a status.
    """
    description = (
        "The permissions that together allow the call, separated by commas. Empty if"
        " the call requires none, or if no permission would allow it."
    )
    header = {"description": description, "required": True, "schema": TEXT}
    for operations in result["paths"].values():
        for operation in operations.values():
            for status in ("401", "403"):
                if (response := operation["responses"].get(status)) is not None:
                    response["headers"] = {
                        **response.get("headers", {}),
                        ACCEPTED_PERMISSIONS: header,
                    }
    return result
