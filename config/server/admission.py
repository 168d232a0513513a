"""Admission of request bodies before they are received.

The web server runs a request with a large body twice. The first run has no body: the
application runs all checks that need none, and either responds or admits a number of
bytes. The second run has the complete body.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from config.api.paths import is_api_path
from config.units import format_bytes

KEY: Final = "import_server.admission"


@dataclass(slots=True)
class Admission:
    """The admission of one request body."""

    announced: int | None
    """Bytes by Content-Length; `None` if unknown."""
    limit: int | None = None
    """Maximum number of bytes; `None` until the body is admitted."""
    keeps_part: bool = False
    """Whether the application gets the beginning of a body that ends too early."""

    def admit(self, limit: int, *, keeps_part: bool = False) -> None:
        """Admit the body.

        Args:
            limit: The maximum size in bytes.
            keeps_part: Whether the second run takes place with the received bytes if
                the connection is lost.

        Raises:
            RequestDataTooBig: Content-Length exceeds the limit.
        """
        if self.announced is not None and self.announced > limit:
            msg = f"The request body is larger than {format_bytes(limit)}."
            raise RequestDataTooBig(msg)
        self.limit = limit
        self.keeps_part = keeps_part


def admission_of(request: Any) -> Admission | None:
    """Return the request's admission, or `None` if the body is already complete."""
    admission: Admission | None = request.META.get(KEY)
    return admission


def pending_admission(request: Any) -> Admission | None:
    """Return the request's admission if it is undecided, else `None`."""
    admission = admission_of(request)
    return admission if admission is not None and admission.limit is None else None


def admitted() -> HttpResponse:
    """Return the response of the first run, which is never sent."""
    return HttpResponse(status=204)


def page_bodies(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Admit the bodies of forms on pages.

    Django reads forms before the view runs to check the CSRF token. So the body must be
    admitted here. API views and pages with other methods admit bodies themselves.
    """
    limit_of: Callable[[HttpRequest], int] = import_string(settings.PAGE_BODY_LIMIT)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        admission = pending_admission(request)
        if (
            admission is None
            or request.method != "POST"
            or is_api_path(request.path_info)
        ):
            return get_response(request)
        try:
            admission.admit(limit_of(request))
        except RequestDataTooBig as error:
            return HttpResponse(str(error), status=413, content_type="text/plain")
        return admitted()

    return middleware
