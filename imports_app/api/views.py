"""The history of imports."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.permission_names import PermissionName
from config.api.envelope import bare
from config.api.views import ApiView
from imports_app.api import wire
from imports_app.latest import latest_operations, latest_version, version_of


class GetLatestImportOperationsView(ApiView):
    """GET getLatestImportOperations: the newest operations as a bare list."""

    required_permission = PermissionName.VIEW_IMPORT_OPERATIONS
    version = staticmethod(latest_version)

    def get(self, request: Request) -> HttpResponse:
        """Answer the list, or 304 if the caller has it. Two queries, one for a 304."""
        operations = latest_operations()
        self.check_version(request, version_of(operations))
        return bare([wire.operation(operation) for operation in operations])
