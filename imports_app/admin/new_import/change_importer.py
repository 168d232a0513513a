"""Another importer for a file that is here already: nobody sends gigabytes twice."""

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
from imports_app.services.uploads import has_file, read_as, sent_name

_URL = "imports_app_importoperation_read_as"


class ChangeImporterPages(AdminPages):
    """The page that chooses another importer for an operation's file."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page."""
        page = self.admin_site.admin_view(self.read_as_page)
        return [
            path("<int:object_id>/read-as/", page, name=_URL),
            *super().get_urls(),
        ]

    def read_as_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask who is to read the file, and have it read."""
        if not self.allows(request, PermissionName.RUN_IMPORT):
            raise PermissionDenied
        operation = get_object_or_404(ImportOperation, pk=object_id)
        in_progress = ImportOperation.objects.in_progress()
        another = in_progress if in_progress != operation else None
        form = ImporterForm(request.POST or None, in_progress=another)
        if request.method == "POST" and form.is_valid():
            return self._read(request, operation, form)
        return self.show(
            request,
            "new_import/change_importer.html",
            _("Choose another importer"),
            form=form,
            operation=operation,
            operation_page=page_of(operation),
            file_name=sent_name(operation),
            **active_import_notice(another),
        )

    @staticmethod
    def _read(
        request: HttpRequest, operation: ImportOperation, form: ImporterForm
    ) -> HttpResponse:
        actor = actor_of(request)
        try:
            again = read_as(
                operation=operation,
                importer_key=form.cleaned_data["importer"],
                actor=actor,
                may_replace=form.may_replace,
            )
            start_preparing(operation=again, actor=actor)
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(page_of(operation))
        return HttpResponseRedirect(page_of(again))


def change_importer_address(operation: ImportOperation) -> str | None:
    """Return where another importer is chosen; `None` if the file is not here."""
    if not has_file(operation):
        return None
    return reverse(f"admin:{_URL}", args=[operation.pk])
