"""Admin of import operations: list, pages and actions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.reauthentication import ReauthenticatedAdmin
from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from imports_app.admin.changes.pages import ChangesPages
from imports_app.admin.columns import operation_name
from imports_app.admin.comparison.pages import ComparePages
from imports_app.admin.corrections.pages import CorrectionPages
from imports_app.admin.decisions.pages import DecisionPages
from imports_app.admin.linked_files.pages import LinkedFilePages
from imports_app.admin.new_import.pages import NewImportPages
from imports_app.admin.operations.actions import OperationActions
from imports_app.admin.operations.list import HistoryList
from imports_app.admin.operations.page import OperationPages
from imports_app.admin.preview.pages import PreviewPages
from imports_app.admin.reconciliation.pages import ReconciliationPages
from imports_app.admin.report.pages import ReportPages
from imports_app.admin.selection.pages import SelectionPages
from imports_app.admin.undo.pages import UndoPages
from imports_app.models import ImportOperation, ImportRecord
from imports_app.services.operations import delete_operations


@admin.register(ImportOperation)
class ImportOperationAdmin(
    HistoryList,
    ComparePages,
    NewImportPages,
    SelectionPages,
    DecisionPages,
    CorrectionPages,
    PreviewPages,
    LinkedFilePages,
    ChangesPages,
    OperationActions,
    UndoPages,
    OperationPages,
    ReportPages,
    ReconciliationPages,
    ReauthenticatedAdmin,
):
    """Admin pages of import operations."""

    view_permission = PermissionName.VIEW_IMPORT_OPERATIONS
    reauthenticated_acts = frozenset({"delete"})
    delete_permission = PermissionName.DELETE_IMPORT_OPERATIONS

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportOperation]:
        """Return the operations with the users who started them."""
        rows = ImportOperation.objects.with_initiator().without_large_fields()
        return rows.select_related("file_download")

    def title_of(self, obj: Any) -> str:
        """Return the name of the uploaded file."""
        return operation_name(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the operation may be deleted; a running one may not."""
        if obj is not None and obj.is_running:
            return False
        return super().has_delete_permission(request, obj)

    def get_deleted_objects(
        self, objs: Iterable[ImportOperation], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Count what is deleted with the operations, without reading the records.

        Their records are deleted too, although no role may delete records directly.
        """
        operations = list(objs)
        records = ImportRecord.objects.of_operations(operations).count()
        counts = {
            str(self.opts.verbose_name_plural): len(operations),
            str(ImportRecord._meta.verbose_name_plural): records,
        }
        kept = {
            str(self.opts.verbose_name)
            for operation in operations
            if not self.has_delete_permission(request, operation)
        }
        return [str(operation) for operation in operations], counts, kept, []

    def delete_model(self, request: HttpRequest, obj: ImportOperation) -> None:
        """Delete an operation with its records, and log who did."""
        self.delete_queryset(request, ImportOperation.objects.filter(pk=obj.pk))

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[ImportOperation]
    ) -> None:
        """Delete operations with their records, and log who did."""
        delete_operations(operations=queryset, by=author_of(request))
