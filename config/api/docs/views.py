"""View of the OpenAPI description, which is generated once per process."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request


class DescriptionView(SpectacularAPIView):
    """GET schema: the OpenAPI 3.1 description as YAML or JSON.

    It is cached, because it is public and takes about a second of CPU time to generate.
    """

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the description in the format that the client accepts."""
        renderer: Any = request.accepted_renderer
        content = _encoded_description(renderer.__class__)
        return HttpResponse(content, content_type=renderer.media_type)


@cache
def _encoded_description(renderer: Any) -> bytes:
    """Return the description, encoded by a renderer."""
    encoded: bytes = renderer().render(_description(), renderer_context={})
    return encoded


@cache
def _description() -> Any:
    generator: Any = SchemaGenerator
    return generator().get_schema(request=None, public=True)
