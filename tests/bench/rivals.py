"""Other ways to write the endpoint: as most would in DRF, and as bare as can be."""

from __future__ import annotations

from typing import Any, Final

import orjson
from django.db import connection
from django.http import HttpRequest, HttpResponse
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.generics import ListAPIView
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from accounts import credentials
from accounts.models import AuthToken, User
from accounts.models.tokens import token_digest
from config.statements import Parameter
from imports_app import latest
from imports_app.api import wire
from imports_app.models import ImportOperation


class StockAuthentication(BaseAuthentication):
    """DRF's TokenAuthentication, with our headers and digests."""

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
    """Asks `has_perm`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether the user may see operations."""
        return bool(request.user.has_perm("view-import-operations"))


class StockSerializer(serializers.ModelSerializer[ImportOperation]):
    """A model serializer over the same columns."""

    class Meta:
        model = ImportOperation
        fields = (
            *("public_id", "importer_name", "importer_key", "created_at", "status"),
            *("is_valid", "user_id", "updated_at", "content_type", "file_name"),
            *("count_total", "count_completed", "count_error", "count_users"),
            *("count_channels", "count_messages", "count_contacts"),
        )


class StockView(ListAPIView[ImportOperation]):
    """The list as the tutorial would write it."""

    authentication_classes = (StockAuthentication,)
    permission_classes = (StockPermission,)
    renderer_classes = (JSONRenderer,)
    serializer_class = StockSerializer

    def get_queryset(self) -> Any:
        """Return the newest twenty."""
        return ImportOperation.objects.order_by("-updated_at", "-id")[:20]


def bare_view(request: HttpRequest) -> HttpResponse:
    """Run the same two statements, check nothing, and dump the same documents."""
    digest = token_digest(request.META["HTTP_X_AUTH_TOKEN"])
    with connection.cursor() as cursor:
        cursor.execute(
            _CREDENTIALS.sql,
            [digest if isinstance(p, Parameter) else p for p in _CREDENTIALS.params],
        )
        cursor.fetchall()
        cursor.execute(_LATEST.sql, _LATEST.params)
        rows = cursor.fetchall()
    documents = [wire.operation(latest.LatestOperation._make(row)) for row in rows]
    return HttpResponse(orjson.dumps(documents), content_type="application/json")


_CREDENTIALS: Final = credentials._statement(None)._compile("default")
_LATEST: Final = latest._rows._compile("default")
