"""GET info: what clients ask first (wire-api.md 6.7)."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from config.api.envelope import success
from config.api.permissions import Access
from config.api.views import ApiView
from config.version import ROCKETCHAT_VERSION


class InfoView(ApiView):
    """GET info: the version of Rocket.Chat whose API this is."""

    required_permission = Access.ANYBODY
    authentication_classes = ()

    def get(self, request: Request) -> HttpResponse:
        """Answer the version, short and in full."""
        short = ROCKETCHAT_VERSION.rpartition(".")[0]
        return success({"version": short, "info": {"version": ROCKETCHAT_VERSION}})
