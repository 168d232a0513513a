"""OpenAPI security schemes of the two authentication headers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class HeaderTokenScheme(OpenApiAuthenticationExtension):
    """The security schemes of X-User-Id and X-Auth-Token, required together."""

    target_class = "accounts.api.authentication.HeaderTokenAuthentication"
    name = ["userId", "authToken"]  # noqa: RUF012 - the base class declares a list

    def get_security_definition(self, auto_schema: AutoSchema) -> Any:
        """Return one security scheme per header."""
        return [
            {"type": "apiKey", "in": "header", "name": "X-User-Id"},
            {"type": "apiKey", "in": "header", "name": "X-Auth-Token"},
        ]
