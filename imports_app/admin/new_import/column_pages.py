"""The page that says how tables are read: delimiter, encoding, columns."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.permission_names import PermissionName
from config.errors import DomainError
from imports_app.admin.base import AdminPages, actor_of
from imports_app.admin.links import page_of
from imports_app.admin.new_import.active_import import active_import_notice
from imports_app.admin.new_import.column_forms import ColumnsForm
from imports_app.admin.new_import.forms import ReplacingForm
from imports_app.importers.reading_options import ReadingOptions
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation
from imports_app.services.runs import start_preparing
from imports_app.services.uploads import has_file, read_as, sent_name
from imports_app.uploads.storage import upload_path

_URL = "imports_app_importoperation_columns"


class ColumnsPages(AdminPages):
    """Shows the first rows of tables, and has them read as people say."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page."""
        page = self.admin_site.admin_view(self.columns_page)
        return [path("<int:object_id>/columns/", page, name=_URL), *super().get_urls()]

    def columns_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show the tables; on POST, read the file again with what was assigned."""
        if not self.allows(request, PermissionName.RUN_IMPORT):
            raise PermissionDenied
        operation = get_object_or_404(ImportOperation, pk=object_id)
        if columns_address(operation) is None:
            return self.redirect_stale(request, operation)
        data = request.POST if request.method == "POST" else None
        in_progress = ImportOperation.objects.in_progress()
        another = in_progress if in_progress != operation else None
        form = ReplacingForm(data, in_progress=another)
        seen = ColumnsForm(
            upload_path(operation),
            ReadingOptions.from_json(operation.reading_options),
            dialect=request.GET if data is None else data,
            data=data,
        )
        if data is not None and form.is_valid() and seen.is_valid():
            return _read(request, operation, form, seen.options)
        return self.show(
            request,
            "new_import/columns.html",
            _("Delimiter, encoding and columns"),
            form=form,
            seen=seen,
            operation=operation,
            operation_page=page_of(operation),
            file_name=sent_name(operation),
            **active_import_notice(another),
        )


def columns_address(operation: ImportOperation) -> str | None:
    """Return where columns are assigned; `None` if the file is not here or no table."""
    importer = find_importer(operation.importer_key)
    if importer is None or "columns" not in importer.options or not has_file(operation):
        return None
    return reverse(f"admin:{_URL}", args=[operation.pk])


def _read(
    request: HttpRequest,
    operation: ImportOperation,
    form: ReplacingForm,
    options: ReadingOptions,
) -> HttpResponse:
    actor = actor_of(request)
    try:
        again = read_as(
            operation=operation,
            importer_key=operation.importer_key,
            actor=actor,
            may_replace=form.may_replace,
            options=options,
        )
        start_preparing(operation=again, actor=actor)
    except DomainError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(page_of(operation))
    return HttpResponseRedirect(page_of(again))
