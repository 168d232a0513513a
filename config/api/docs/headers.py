"""Request headers that endpoints have because of their base class."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from config.api.docs.components import FAILURE, TEXT
from config.api.permissions import Access

_POLLING: Final = (
    OpenApiParameter(
        "If-None-Match",
        TEXT,
        OpenApiParameter.HEADER,
        description="The ETag of the client's version: the response is 304 while this"
        " version is current.",
    ),
    OpenApiParameter(
        "Prefer",
        TEXT,
        OpenApiParameter.HEADER,
        description="`wait=N`: with If-None-Match, wait until there is another version,"
        " or N seconds (at most 60).",
    ),
)
_IDEMPOTENCY: Final = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255},
    OpenApiParameter.HEADER,
    description="A key that the client chooses. If the same request is sent again with"
    " the same key within a day, it gets the first response and has no further effect.",
)
_REPETITIONS: Final = {
    "400": "The key is not valid.",
    "409": "The first call with the key is still in progress.",
    "422": "The key was used for another request.",
}


class HeaderSchema(AutoSchema):
    """Description of an endpoint with these headers."""

    def get_operation(self, *args: Any) -> dict[str, Any] | None:
        """Return the description, with the responses to repeated calls."""
        operation: dict[str, Any] | None = super().get_operation(*args)
        if operation is not None and self._is_repeatable():
            for status, meaning in _REPETITIONS.items():
                content = {"application/json": {"schema": FAILURE}}
                response = {"description": meaning, "content": content}
                operation["responses"].setdefault(status, response)
        return operation

    def _is_repeatable(self) -> bool:
        view = self.view
        is_open = getattr(view, "required_permission", None) is Access.ANYBODY
        allows = getattr(view, "allows_idempotency_key", False)
        return self.method in ("POST", "PUT") and allows and not is_open

    def get_override_parameters(self) -> list[Any]:
        """Return further parameters of the endpoint."""
        parameters = [*super().get_override_parameters()]
        if self.method == "GET" and getattr(self.view, "topics", None):
            parameters += _POLLING
        if self._is_repeatable():
            parameters.append(_IDEMPOTENCY)
        return parameters
