"""How the API's description tells of the two headers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class HeaderTokenScheme(OpenApiAuthenticationExtension):
    """Both headers, which belong together."""

    target_class = "accounts.api.authentication.HeaderTokenAuthentication"
    name = ["userId", "authToken"]  # noqa: RUF012 - the base class has it so

    def get_security_definition(self, auto_schema: AutoSchema) -> Any:
        """Return one scheme for each header."""
        return [
            {"type": "apiKey", "in": "header", "name": "X-User-Id"},
            {"type": "apiKey", "in": "header", "name": "X-Auth-Token"},
        ]
