"""The API's description, generated once in each process."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request


class DescriptionView(SpectacularAPIView):
    """GET schema: OpenAPI 3.1 as YAML or JSON.

    Generating and encoding it takes a second of the processor, and strangers may ask.
    """

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer the description in the format that the client accepts."""
        renderer: Any = request.accepted_renderer
        content = _encoded_description(renderer.__class__)
        return HttpResponse(content, content_type=renderer.media_type)


@cache
def _encoded_description(renderer: Any) -> bytes:
    """Return the description as one of the renderers encodes it."""
    encoded: bytes = renderer().render(_description(), renderer_context={})
    return encoded


@cache
def _description() -> Any:
    generator: Any = SchemaGenerator
    return generator().get_schema(request=None, public=True)
