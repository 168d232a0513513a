"""From a file to a running import: the pages that start one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.permission_names import PermissionName
from config.admin_guard import GuardedAdmin
from config.errors import DomainError
from imports_app.admin.import_forms import NewImportForm, SelectionForm
from imports_app.admin.operation_links import page_of
from imports_app.importers.base import Importer
from imports_app.importers.pending import (
    PendingAvatarsImporter,
    PendingFilesImporter,
)
from imports_app.models import ImportOperation
from imports_app.services.downloads import start_download, start_pending
from imports_app.services.runs import start_preparing, start_run
from imports_app.services.uploads import upload_file
from imports_app.statuses import Status
from imports_app.transitions import Actor


class ImportPages(GuardedAdmin):
    """A new import, its reading, its selection, and what it left to be fetched."""

    actions_list = ("new_page", "files_page", "pictures_page")

    def has_start_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may start imports."""
        return self.allows(request, PermissionName.RUN_IMPORT)

    def has_read_permission(self, request: HttpRequest, object_id: Any) -> bool:
        """Tell whether the user may have the operation's file read."""
        return self._stands(request, object_id, Status.FILE_LOADED)

    def has_select_permission(self, request: HttpRequest, object_id: Any) -> bool:
        """Tell whether the user may select what to import, and start."""
        return self._stands(request, object_id, Status.USER_SELECTION)

    def _stands(self, request: HttpRequest, object_id: Any, status: Status) -> bool:
        if not self.has_start_permission(request):
            return False
        valid = ImportOperation.objects.valid()
        return valid.filter(pk=object_id, status=status).exists()

    @action(
        description=_("New import"), url_path="new", icon="add", permissions=("start",)
    )
    def new_page(self, request: HttpRequest) -> HttpResponse:
        """Take a file or an address, and have it read."""
        form = NewImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                operation = _start(form, _actor_of(request))
            except DomainError as error:
                field = "address" if form.cleaned_data["address"] else "file"
                form.add_error(field, error.message)
            else:
                return HttpResponseRedirect(page_of(operation))
        return self._page(request, "new_import.html", _("New import"), form)

    @action(
        description=_("Read the file"),
        url_path="read",
        icon="play_arrow",
        permissions=("read",),
    )
    def read_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask, then have the file read."""
        operation = get_object_or_404(ImportOperation, pk=object_id)
        if request.method == "POST":
            start_preparing(operation=operation, actor=_actor_of(request))
            return HttpResponseRedirect(page_of(operation))
        context: dict[str, Any] = {
            "question": _("A worker looks what is in it. Nothing is imported yet."),
            "operation": operation,
            "operation_page": page_of(operation),
        }
        return self._page(request, "question.html", _("Read the file"), **context)

    @action(
        description=_("Select and import"),
        url_path="select",
        icon="checklist",
        permissions=("select",),
    )
    def select_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show what was found; start with what is chosen."""
        operation = get_object_or_404(ImportOperation, pk=object_id)
        form = SelectionForm(operation, request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                start_run(
                    operation=operation,
                    selection=form.selection,
                    actor=_actor_of(request),
                )
            except DomainError:
                messages.error(request, _("It does not wait for a selection any more."))
            return HttpResponseRedirect(page_of(operation))
        counts = operation.kind_counts.values("kind").annotate(found=Sum("staged"))
        context: dict[str, Any] = {
            "found": {row["kind"]: row["found"] for row in counts},
            "operation": operation,
            "operation_page": page_of(operation),
        }
        return self._page(
            request, "select.html", _("Select and import"), form, **context
        )

    @action(
        description=_("Fetch files"),
        url_path="fetch-files",
        icon="attach_file",
        permissions=("start",),
    )
    def files_page(self, request: HttpRequest) -> HttpResponse:
        """Ask, then fetch the files of messages."""
        return self._fetch(request, PendingFilesImporter, _("Fetch files"))

    @action(
        description=_("Fetch pictures"),
        url_path="fetch-pictures",
        icon="account_circle",
        permissions=("start",),
    )
    def pictures_page(self, request: HttpRequest) -> HttpResponse:
        """Ask, then fetch people's pictures."""
        return self._fetch(request, PendingAvatarsImporter, _("Fetch pictures"))

    def _fetch(
        self, request: HttpRequest, importer: type[Importer], title: Any
    ) -> HttpResponse:
        if request.method == "POST":
            operation, count = start_pending(
                importer=importer, actor=_actor_of(request)
            )
            if count == 0:
                messages.info(request, _("There is nothing to fetch."))
            return HttpResponseRedirect(page_of(operation))
        context: dict[str, Any] = {
            "question": _(
                "What imports left as links is downloaded now. This takes the place of"
                " any import that is going on."
            ),
            "operation": importer.name,
            "operation_page": "..",
        }
        return self._page(request, "question.html", title, **context)

    def _page(
        self,
        request: HttpRequest,
        template: str,
        title: Any,
        form: forms.Form | None = None,
        **context: Any,
    ) -> HttpResponse:
        everything = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "form": form,
            **context,
        }
        return TemplateResponse(request, f"imports_app/admin/{template}", everything)


def _start(form: NewImportForm, actor: Actor) -> ImportOperation:
    """Take in what the form holds, and have a file read at once."""
    chosen = form.cleaned_data
    if chosen["address"]:
        return start_download(
            actor=actor, importer_key=chosen["importer"], url=chosen["address"]
        )
    file: UploadedFile[bytes] = chosen["file"]
    operation = upload_file(
        actor=actor,
        importer_key=chosen["importer"],
        file_name=file.name or "upload",
        content_type=file.content_type or "",
        content=file.chunks(),
        limit=settings.FILE_MAX_BYTES,
    )
    start_preparing(operation=operation, actor=actor)
    return operation


def _actor_of(request: HttpRequest) -> Actor:
    user: Any = request.user
    return Actor(user)
