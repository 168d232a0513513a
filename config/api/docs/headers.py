"""Request headers that endpoints have because of their base class."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from config.api.docs.components import TEXT

_POLLING: Final = (
    OpenApiParameter(
        "If-None-Match",
        TEXT,
        OpenApiParameter.HEADER,
        description="The ETag of the client's version: the response is 304 while it is"
        " current.",
    ),
    OpenApiParameter(
        "Prefer",
        TEXT,
        OpenApiParameter.HEADER,
        description="`wait=N`: with If-None-Match, wait until there is another version,"
        " or N seconds (at most 60).",
    ),
)


class HeaderSchema(AutoSchema):
    """Description of an endpoint with these headers."""

    def get_override_parameters(self) -> list[Any]:
        """Return further parameters of the endpoint."""
        parameters = [*super().get_override_parameters()]
        if self.method == "GET" and getattr(self.view, "topics", None):
            parameters += _POLLING
        return parameters
