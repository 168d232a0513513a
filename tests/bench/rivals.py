"""Other implementations of the endpoint: standard DRF, and a bare view.

Both return the same documents as the product.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import orjson
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.generics import ListAPIView
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from accounts.auth.credentials import credentials_statement
from accounts.models import AuthToken, User
from accounts.models.tokens import token_digest
from imports_app.api.operation_rows import LATEST_STATEMENT
from imports_app.models import ImportOperation
from tests.bench.addresses import BAREST

_COUNTERS: Final = (
    *("total", "completed", "error", "users", "channels", "messages", "contacts"),
)


class StockAuthentication(BaseAuthentication):
    """DRF's TokenAuthentication, with this product's header and digest."""

    def authenticate(self, request: Request) -> tuple[User, AuthToken]:
        """Find the token by the ORM."""
        digest = token_digest(request.headers.get("X-Auth-Token", ""))
        try:
            token = AuthToken.objects.select_related("user").get(digest=digest)
        except AuthToken.DoesNotExist:
            raise exceptions.AuthenticationFailed from None
        if not token.user.is_active:
            raise exceptions.AuthenticationFailed
        return token.user, token


class StockPermission(BasePermission):
    """Permission that checks `has_perm`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether the user may see operations."""
        return bool(request.user.has_perm("view-import-operations"))


class StockSerializer(serializers.ModelSerializer[ImportOperation]):
    """Model serializer that renames columns and omits empty values."""

    _id = serializers.CharField(source="public_id")
    type = serializers.CharField(source="importer_name")
    importerKey = serializers.CharField(source="importer_key")  # noqa: N815 - the wire's
    ts = serializers.SerializerMethodField()
    valid = serializers.BooleanField(source="is_valid")
    user = serializers.CharField(source="user_id")
    _updatedAt = serializers.SerializerMethodField()  # noqa: N815 - the wire's
    contentType = serializers.CharField(source="content_type")  # noqa: N815 - the wire's
    file = serializers.CharField(source="file_name")
    count = serializers.SerializerMethodField()

    class Meta:
        model = ImportOperation
        fields = (
            *("_id", "type", "importerKey", "ts", "status", "valid", "user"),
            *("_updatedAt", "contentType", "file", "count"),
        )

    def get_ts(self, operation: ImportOperation) -> int:
        """Return epoch milliseconds."""
        return round(operation.created_at.timestamp() * 1000)

    def get__updatedAt(self, operation: ImportOperation) -> str:  # noqa: N802 - DRF's
        """Return an ISO text as JavaScript writes it."""
        return operation.updated_at.isoformat(timespec="milliseconds")[:23] + "Z"

    def get_count(self, operation: ImportOperation) -> dict[str, int]:
        """Return the counters."""
        return operation.counters

    def to_representation(self, instance: ImportOperation) -> dict[str, Any]:
        """Leave out what is empty."""
        document = super().to_representation(instance)
        return {
            name: value
            for name, value in document.items()
            if value is not None and value not in ("", {})
        }


class StockView(ListAPIView[ImportOperation]):
    """List view as in DRF's tutorial."""

    authentication_classes = (StockAuthentication,)
    permission_classes = (StockPermission,)
    renderer_classes = (JSONRenderer,)
    serializer_class = StockSerializer

    def get_queryset(self) -> QuerySet[ImportOperation]:
        """Return the newest twenty."""
        return ImportOperation.objects.order_by("-updated_at", "-id")[:20]


def bare_view(request: HttpRequest) -> HttpResponse:
    """Run the same two statements without checks, and return the same document."""
    digest = token_digest(request.META["HTTP_X_AUTH_TOKEN"])
    with connection.cursor() as cursor:
        cursor.execute(_CREDENTIALS.sql, _CREDENTIALS.bind(digest=digest))
        cursor.fetchall()
        cursor.execute(_LATEST.sql, _LATEST.bind())
        rows = cursor.fetchall()
    body = orjson.dumps([_document(*row) for row in rows])
    return HttpResponse(body, content_type="application/json")


def past_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer one URL with the bare view, before any middleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info == BAREST:
            response = bare_view(request)
            response.headers["Content-Length"] = str(len(response.content))
            return response
        return get_response(request)

    return middleware


def _document(
    public_id: str,
    importer_name: str,
    importer_key: str,
    created_at: datetime,
    status: str,
    is_valid: bool,
    user_id: str,
    updated_at: datetime,
    content_type: str,
    file_name: str,
    *rest: int | None,
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "_id": public_id,
        "type": importer_name,
        "importerKey": importer_key,
        "ts": round(created_at.timestamp() * 1000),
        "status": status,
        "valid": is_valid,
        "user": user_id,
        "_updatedAt": updated_at.isoformat(timespec="milliseconds")[:23] + "Z",
    }
    if content_type:
        document["contentType"] = content_type
    if file_name:
        document["file"] = file_name
    pairs = zip(_COUNTERS, rest, strict=False)
    if count := {name: value for name, value in pairs if value is not None}:
        document["count"] = count
    return document


_CREDENTIALS: Final = credentials_statement(None).compiled()
_LATEST: Final = LATEST_STATEMENT.compiled()
