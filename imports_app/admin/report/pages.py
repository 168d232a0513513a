"""Pages of the report of an import: printable HTML and CSV."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from imports_app.admin.base import AdminPages
from imports_app.admin.columns import original_file_name
from imports_app.admin.links import page_of, step_of
from imports_app.models import ImportOperation
from imports_app.reports.csv_report import write_report
from imports_app.reports.operation_report import OUTCOMES, report_of


class ReportPages(AdminPages):
    """Report of an import."""

    @action(
        description=_("Print report"),
        url_path="report",
        icon="print",
        permissions=("view",),
    )
    def report_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show the report as a page of its own that needs no other file."""
        self.require_view(request)
        operation = self._operation(object_id)
        context = {
            "operation": operation,
            "name": original_file_name(operation) or operation.public_id,
            "report": report_of(operation),
            "outcomes": [capfirst(str(outcome.label)) for outcome in OUTCOMES],
            "created_at": timezone.now(),
            "operation_page": page_of(operation),
            "csv_page": step_of(operation, "report_csv"),
        }
        return TemplateResponse(
            request, "imports_app/admin/report/printable.html", context
        )

    @action(
        description=_("Download report"),
        url_path="report-csv",
        icon="download",
        permissions=("view",),
    )
    def report_csv_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Return the report as CSV."""
        self.require_view(request)
        operation = self._operation(object_id)
        name = f"report-{operation.public_id}.csv"
        return HttpResponse(
            write_report(operation),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _operation(self, object_id: int) -> ImportOperation:
        operations = ImportOperation.objects.with_initiator().select_related(
            "parent", "rest_of", "file_download"
        )
        return get_object_or_404(operations, pk=object_id)
