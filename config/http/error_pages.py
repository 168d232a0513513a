"""Django's error handlers: JSON for the API, pages (`error_page.html`) for the rest."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from config.api.envelope import failure
from config.api.exceptions import not_found
from config.api.paths import is_api_path


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 400 for a request that Django rejects."""
    if is_api_path(request.path_info):
        return failure(400, "Invalid request")
    return defaults.bad_request(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 404 for an unknown path."""
    if is_api_path(request.path_info):
        return not_found()
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 500 after an unhandled exception, which is logged."""
    if is_api_path(request.path_info):
        return failure(500, "Internal server error")
    return defaults.server_error(request)


@csrf_exempt  # there is nothing to forge
def unknown_endpoint(request: HttpRequest) -> HttpResponse:
    """Return 404 for unknown paths below /api/, also in debug mode."""
    return not_found()
