"""Import operations: their list, their pages, and what can be done to them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.permission_names import PermissionName
from imports_app.admin.compare_pages import ComparePages
from imports_app.admin.history import HistoryList
from imports_app.admin.new_import import NewImportPages
from imports_app.admin.operation_actions import OperationActions
from imports_app.admin.operation_page import OperationPages
from imports_app.admin.selection_pages import SelectionPages
from imports_app.models import ImportOperation


@admin.register(ImportOperation)
class ImportOperationAdmin(
    HistoryList,
    ComparePages,
    NewImportPages,
    SelectionPages,
    OperationActions,
    OperationPages,
):
    """What was imported, when, by whom, and what came of it."""

    view_permission = PermissionName.VIEW_IMPORT_OPERATIONS
    delete_permission = PermissionName.DELETE_IMPORT_OPERATIONS

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportOperation]:
        """Return the operations with their starters, where the accounts are there."""
        return ImportOperation.objects.with_starter().without_plans()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep what the server is at work on."""
        if obj is not None and obj.is_running:
            return False
        return super().has_delete_permission(request, obj)
