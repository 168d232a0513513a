"""Exception handler that converts errors to responses (wire-api.md 1.2, 4.2, 5, 7)."""

from __future__ import annotations

from http.client import responses
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpResponse
from rest_framework import exceptions

from config.api.envelope import bare, failure
from config.api.errors import (
    BodyAdmitted,
    ForbiddenError,
    NotModified,
    TooManyRequestsError,
    UnreadableQueryError,
    UsernameRequiredError,
)
from config.api.permissions import ACCEPTED_PERMISSIONS, accepted_permissions
from config.errors import DomainError, TooLargeError
from config.server.admission import admitted


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Return the response of an expected error; `None` gives Django's 500."""
    match error:
        case DomainError():
            return failure(
                error.http_status,
                error.text,
                error_type=error.code,
                details=error.details,
            )
        case exceptions.NotAuthenticated():
            return failure(401, "unauthorized")
        case UsernameRequiredError():
            return failure(403, "Users must have a username [error-unauthorized]")
        case ForbiddenError():
            return _forbidden(error, context)
        case exceptions.PermissionDenied():
            return failure(
                403,
                "User does not have the permissions required for this action"
                " [error-unauthorized]",
            )
        case Http404():
            return not_found()
        case exceptions.MethodNotAllowed():
            return _method_not_allowed(context)
        case UnreadableQueryError():
            return failure(400, "Invalid query parameters")
        case RequestDataTooBig():
            return failure(413, "The request body is too large.")
        case TooLargeError():
            return failure(413, error.message)
        case TooManyRequestsError():
            return _too_many_requests(error)
        case BodyAdmitted():
            return admitted()
        case NotModified():
            response = HttpResponse(status=304)
            del response.headers["Content-Type"]
            return response
        case exceptions.APIException():
            return failure(error.status_code, responses[error.status_code])
    return None


def not_found() -> HttpResponse:
    """Return 404."""
    return failure(404, "Resource not found")


def _forbidden(error: ForbiddenError, context: dict[str, Any]) -> HttpResponse:
    response = failure(403, "unauthorized")
    names = filter(None, (accepted_permissions(context["view"]), error.permission))
    response.headers[ACCEPTED_PERMISSIONS] = ", ".join(names)
    return response


def _method_not_allowed(context: dict[str, Any]) -> HttpResponse:
    text = "API endpoint does not exist"
    response = bare(
        {"success": False, "status": "error", "error": text, "message": text}, 405
    )
    response.headers["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def _too_many_requests(error: TooManyRequestsError) -> HttpResponse:
    response = failure(
        429,
        "Error, too many requests. Please slow down. You must wait"
        f" {error.wait_seconds} seconds before trying this endpoint again."
        " [error-too-many-requests]",
    )
    response.headers["Retry-After"] = str(error.wait_seconds)
    return response
