"""Base classes of the import views."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.conf import settings
from django.http import HttpResponse, QueryDict
from rest_framework.request import Request

from accounts.permission_names import PermissionName
from config.api.envelope import JSON_CONTENT_TYPE
from config.api.input.bodies import read_large_body
from config.api.views import ApiView
from config.api.wire import JSONDict
from imports_app.api.cached_bodies import CachedBody
from imports_app.api.waiting.versions import OPERATIONS
from imports_app.models import ImportOperation

_POLL_SECONDS: Final = 1


class PolledView(ApiView):
    """View that clients poll; sends `Retry-After` while an operation runs."""

    topics: tuple[str, ...] = (OPERATIONS,)
    is_running: bool = False

    def note_running(self, operation: ImportOperation | None) -> None:
        """Store whether the operation is running."""
        self.is_running = operation is not None and operation.is_running

    def finalize_response(  # type: ignore[override]  # plain answers
        self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add `Retry-After` if the operation is running."""
        if self.is_running:
            response.headers["Retry-After"] = str(_POLL_SECONDS)
        return super().finalize_response(request, response, *args, **kwargs)


class CachedView(PolledView):
    """Polled view with a cached body. `version` is the version of its operations.

    A call takes one query if the operations have not changed since this process last
    encoded them, else two.
    """

    reads_version_always = True
    cached_body: ClassVar[CachedBody]

    def respond(self, request: Request) -> HttpResponse:
        """Return the body, or 304 if the caller's version is current."""
        credentials: Any = request.auth
        body = self.cached_body.of_version(credentials.version)
        self.is_running = body.is_running
        self.check_version(request, body.version)
        return HttpResponse(body.content, content_type=JSON_CONTENT_TYPE)


class RunImportView(ApiView):
    """View that requires the run-import permission."""

    required_permission = PermissionName.RUN_IMPORT

    @property
    def body_limit(self) -> int:
        """Maximum body size in bytes, for lists of users and files in base64."""
        return int(settings.UPLOAD_MAX_BYTES)

    def read_body(self, request: Request) -> JSONDict:
        """Return the body's properties, limited to UPLOAD_MAX_BYTES."""
        return read_large_body(request, settings.UPLOAD_MAX_BYTES)


class LenientRunImportView(RunImportView):
    """View that ignores query parameters (wire-api.md 2)."""

    def parse_query(self, query: QueryDict) -> dict[str, Any]:
        """Ignore the query."""
        return {}
