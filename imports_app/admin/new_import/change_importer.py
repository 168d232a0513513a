"""Change the importer of an uploaded file without uploading it again."""

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
from imports_app.admin.new_import.forms import ImporterForm
from imports_app.models import ImportOperation
from imports_app.services.runs import start_preparing
from imports_app.services.uploading.uploads import (
    import_stored_file,
)
from imports_app.uploads.storage import is_stored

_URL = "imports_app_importoperation_read_as"


class ChangeImporterPages(AdminPages):
    """Page that selects another importer for the file of an operation."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page."""
        page = self.admin_site.admin_view(self.change_importer_page)
        return [
            path("<int:object_id>/read-as/", page, name=_URL),
            *super().get_urls(),
        ]

    def change_importer_page(
        self, request: HttpRequest, object_id: int
    ) -> HttpResponse:
        """Show the importers; on POST, start an import with the selected one."""
        if not self.allows(request, PermissionName.RUN_IMPORT):
            raise PermissionDenied
        operation = get_object_or_404(ImportOperation, pk=object_id)
        in_progress = ImportOperation.objects.in_progress()
        other_import = in_progress if in_progress != operation else None
        form = ImporterForm(request.POST or None, in_progress=other_import)
        if request.method == "POST" and form.is_valid():
            return self._start(request, operation, form)
        return self.show(
            request,
            "new_import/change_importer.html",
            _("Change importer"),
            form=form,
            operation=operation,
            operation_page=page_of(operation),
            file_name=operation.original_file_name,
            **active_import_notice(other_import),
        )

    @staticmethod
    def _start(
        request: HttpRequest, operation: ImportOperation, form: ImporterForm
    ) -> HttpResponse:
        actor = actor_of(request)
        try:
            new_operation = import_stored_file(
                operation=operation,
                importer_key=form.cleaned_data["importer"],
                actor=actor,
                may_replace=form.may_replace,
            )
            start_preparing(operation=new_operation, actor=actor)
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(page_of(operation))
        return HttpResponseRedirect(page_of(new_operation))


def change_importer_url(operation: ImportOperation) -> str | None:
    """Return the URL of the page that changes the importer.

    Returns:
        `None` if the server no longer has the file.
    """
    if not is_stored(operation):
        return None
    return reverse(f"admin:{_URL}", args=[operation.pk])
