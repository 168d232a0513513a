"""Page that sets the delimiter, encoding and columns of tables."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

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
from imports_app.admin.new_import.active_import import (
    ReplacingForm,
    active_import_notice,
)
from imports_app.admin.new_import.column_forms import ColumnsForm
from imports_app.errors import SourceError
from imports_app.importers.reading_options import ReadingOptions
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation
from imports_app.services.runs import start_preparing
from imports_app.services.uploading.uploads import (
    import_stored_file,
)
from imports_app.uploads.storage import is_stored, local_file, sharing

_URL = "imports_app_importoperation_columns"


class ColumnsPages(AdminPages):
    """Page that shows sample rows and assigns columns to fields."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page."""
        page = self.admin_site.admin_view(self.columns_page)
        return [path("<int:object_id>/columns/", page, name=_URL), *super().get_urls()]

    def columns_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show the tables; on POST, start an import with the assigned columns."""
        if not self.allows(request, PermissionName.RUN_IMPORT):
            raise PermissionDenied
        operation = get_object_or_404(ImportOperation, pk=object_id)
        if columns_url(operation) is None:
            return self.redirect_stale(request, operation)
        with ExitStack() as stack:
            try:
                with sharing():
                    path_of_file = stack.enter_context(local_file(operation))
            except (DomainError, SourceError) as error:
                messages.error(request, error.message)
                return HttpResponseRedirect(page_of(operation))
            return self._tables(request, operation, path_of_file)

    def _tables(
        self, request: HttpRequest, operation: ImportOperation, path_of_file: Path
    ) -> HttpResponse:
        data = request.POST if request.method == "POST" else None
        in_progress = ImportOperation.objects.in_progress()
        other_import = in_progress if in_progress != operation else None
        form = ReplacingForm(data, in_progress=other_import)
        columns_form = ColumnsForm(
            path_of_file,
            ReadingOptions.from_json(operation.reading_options),
            dialect=request.GET if data is None else data,
            data=data,
        )
        if data is not None and form.is_valid() and columns_form.is_valid():
            return _start(request, operation, form, columns_form.options)
        return self.show(
            request,
            "new_import/columns.html",
            _("Assign columns"),
            form=form,
            columns_form=columns_form,
            operation=operation,
            operation_page=page_of(operation),
            file_name=operation.original_file_name,
            **active_import_notice(other_import),
        )


def columns_url(operation: ImportOperation) -> str | None:
    """Return the URL of the column page.

    Returns:
        `None` if the file is no longer stored or its importer reads no tables.
    """
    importer = find_importer(operation.importer_key)
    if (
        importer is None
        or "columns" not in importer.options
        or not is_stored(operation)
    ):
        return None
    return reverse(f"admin:{_URL}", args=[operation.pk])


def _start(
    request: HttpRequest,
    operation: ImportOperation,
    form: ReplacingForm,
    options: ReadingOptions,
) -> HttpResponse:
    actor = actor_of(request)
    try:
        new_operation = import_stored_file(
            operation=operation,
            importer_key=operation.importer_key,
            actor=actor,
            may_replace=form.may_replace,
            options=options,
        )
        start_preparing(operation=new_operation, actor=actor)
    except DomainError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(page_of(operation))
    return HttpResponseRedirect(page_of(new_operation))
