"""GET info: the version for clients (wire-api.md 6.7)."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request

from config.api.docs.components import failures, json_object
from config.api.envelope import success
from config.api.permissions import Access
from config.api.views import ApiView
from config.version import APPS_API_VERSION, ROCKETCHAT_VERSION


class InfoView(ApiView):
    """GET info: the Rocket.Chat version of the API."""

    required_permission = Access.ANYBODY
    authentication_classes = ()

    @extend_schema(
        operation_id="info",
        tags=["Server"],
        summary="Get the Rocket.Chat version of the API",
        responses={
            200: json_object(
                {
                    "version": {"type": "string"},
                    "info": json_object(
                        {
                            "version": {"type": "string"},
                            "build": {"type": "object"},
                            "commit": {"type": "object"},
                            "marketplaceApiVersion": {"type": "string"},
                        }
                    ),
                    "success": {"const": True},
                }
            ),
            **failures(400, 429),
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """Return the version, short and in full.

        Clients expect the build and commit of Rocket.Chat, which this server lacks.
        """
        info = {
            "version": ROCKETCHAT_VERSION,
            "build": {},
            "commit": {},
            "marketplaceApiVersion": APPS_API_VERSION,
        }
        short = ROCKETCHAT_VERSION.rpartition(".")[0]
        return success({"version": short, "info": info})


@extend_schema_view(get=extend_schema(operation_id="infoUnderV1"))
class InfoUnderV1View(InfoView):
    """GET v1/info: the same, at the path that some clients use."""
