"""Whether a request's body is received: asked before the first byte is read.

The web server runs a request with a large body twice. The first time the body is not
there: the application runs every check that needs no body, and either answers, or
admits so many bytes. The second time the body is there, whole.
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

KEY: Final = "import_server.admission"


@dataclass(slots=True)
class Admission:
    """The web server's question, and the application's answer."""

    announced: int | None
    """Bytes, by Content-Length; `None` if the size is not known beforehand."""
    limit: int | None = None
    """Bytes that may be received; `None` until the body is admitted."""

    def admit(self, limit: int) -> None:
        """Let the web server receive the body.

        Args:
            limit: The largest size, in bytes.

        Raises:
            RequestDataTooBig: More bytes are announced.
        """
        if self.announced is not None and self.announced > limit:
            msg = f"The request's body is larger than {limit} bytes."
            raise RequestDataTooBig(msg)
        self.limit = limit


def admission_of(request: Any) -> Admission | None:
    """Return the web server's question; `None` where the body came along."""
    admission: Admission | None = request.META.get(KEY)
    return admission


def pending_admission(request: Any) -> Admission | None:
    """Return the question if it is still open, else `None`."""
    admission = admission_of(request)
    return admission if admission is not None and admission.limit is None else None


def admitted() -> HttpResponse:
    """Return the answer of the first run; it is never sent."""
    return HttpResponse(status=204)


def page_bodies(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer the web server's question for the forms of pages.

    Django reads a form before the page runs, for the token against forgery; so the
    question is answered here. API views and pages that take other methods answer it
    themselves.
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
