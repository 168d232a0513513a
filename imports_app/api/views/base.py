"""What the views of imports share."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpResponse, QueryDict
from rest_framework.request import Request

from accounts.permission_names import PermissionName
from config.api.input.bodies import read_large_body
from config.api.views import ApiView
from config.api.wire import JSONDict
from imports_app.models import ImportOperation

_POLL_SECONDS: Final = 1


class PolledView(ApiView):
    """An answer that clients ask for again and again while something runs."""

    is_running: bool = False

    def note_running(self, operation: ImportOperation | None) -> None:
        """Advise the client to come back soon if the operation is running."""
        self.is_running = operation is not None and operation.is_running

    def finalize_response(  # type: ignore[override]  # plain answers
        self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the advice."""
        if self.is_running:
            response.headers["Retry-After"] = str(_POLL_SECONDS)
        return super().finalize_response(request, response, *args, **kwargs)


class RunImportView(ApiView):
    """An endpoint for those who run imports."""

    required_permission = PermissionName.RUN_IMPORT

    @property
    def body_limit(self) -> int:
        """The largest body, in bytes: lists of users and files in base64 are long."""
        return int(settings.UPLOAD_MAX_BYTES)

    def read_body(self, request: Request) -> JSONDict:
        """Return the body's properties, up to UPLOAD_MAX_BYTES: lists can be long."""
        return read_large_body(request, settings.UPLOAD_MAX_BYTES)


class LenientRunImportView(RunImportView):
    """One without a schema: whatever is sent is ignored (wire-api.md 2)."""

    def parse_query(self, query: QueryDict) -> dict[str, Any]:
        """Take nothing from the query."""
        return {}
