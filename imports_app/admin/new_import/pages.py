"""Pages that start an import from a file, a URL or pending downloads."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from config.errors import DomainError
from imports_app.admin.base import actor_of
from imports_app.admin.links import page_of
from imports_app.admin.new_import.active_import import (
    ReplacingForm,
    active_import_notice,
)
from imports_app.admin.new_import.change_importer import ChangeImporterPages
from imports_app.admin.new_import.column_pages import ColumnsPages
from imports_app.admin.new_import.forms import NewImportForm
from imports_app.admin.new_import.upload_handler import AcceptedUpload
from imports_app.admin.new_import.upload_labels import upload_texts
from imports_app.admin.new_import.upload_pages import (
    UploadPages,
    unfinished_uploads,
    upload_url,
)
from imports_app.downloads.addresses import BadAddressError, ForbiddenAddressError
from imports_app.downloads.http import FetchError
from imports_app.errors import SourceError
from imports_app.importers.base import Importer
from imports_app.importers.pending import (
    PendingAvatarsImporter,
    PendingFilesImporter,
)
from imports_app.models import ImportOperation
from imports_app.reports.importer_labels import importer_label
from imports_app.services.downloads import start_download, start_pending
from imports_app.services.runs import start_preparing
from imports_app.services.uploading.uploads import start_with_file
from imports_app.statuses import Status
from imports_app.transitions import Actor


class NewImportPages(UploadPages, ChangeImporterPages, ColumnsPages):
    """Pages that start an import, read its file, or download pending items."""

    actions_list = ("new_page", "files_page", "avatars_page")

    @action(
        description=_("New import"), url_path="new", icon="add", permissions=("start",)
    )
    def new_page(self, request: HttpRequest) -> HttpResponse:
        """Show the form; on POST, start an import from the file or URL."""
        in_progress = ImportOperation.objects.in_progress()
        form = NewImportForm(
            request.POST or None, request.FILES or None, in_progress=in_progress
        )
        asks_importer = False
        if request.method == "POST" and form.is_valid():
            try:
                operation = _start(form, actor_of(request))
            except DomainError as error:
                asks_importer = isinstance(error, SourceError)
                field = "address" if form.cleaned_data["address"] else "file"
                form.add_error(field, _form_message(error))
            else:
                return HttpResponseRedirect(page_of(operation))
        return self.show(
            request,
            "new_import/new_import.html",
            _("New import"),
            form=form,
            asks_importer=asks_importer,
            **active_import_notice(in_progress),
            limit=settings.FILE_MAX_BYTES,
            upload_url=upload_url(),
            unfinished=unfinished_uploads(request),
            texts=upload_texts(),
        )

    @action(
        description=_("Read the file"),
        url_path="read",
        icon="play_arrow",
        permissions=("run",),
    )
    def read_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for confirmation, then start reading the file."""

        def read(
            operation: ImportOperation, may_replace: Collection[int]
        ) -> ImportOperation:
            start_preparing(operation=operation, actor=actor_of(request))
            return operation

        operation = get_object_or_404(ImportOperation, pk=object_id)
        return self.confirm(
            request,
            operation,
            read,
            is_possible=operation.is_valid and operation.status == Status.FILE_LOADED,
            title=_("Read the file"),
            question=_(
                "A worker reads the file."
                " Nothing is imported until you start the import."
            ),
        )

    @action(
        description=_("Download files"),
        url_path="fetch-files",
        icon="attach_file",
        permissions=("start",),
    )
    def files_page(self, request: HttpRequest) -> HttpResponse:
        """Ask for confirmation, then download pending files of messages."""
        return self._start_pending(request, PendingFilesImporter, _("Download files"))

    @action(
        description=_("Download avatars"),
        url_path="fetch-pictures",
        icon="account_circle",
        permissions=("start",),
    )
    def avatars_page(self, request: HttpRequest) -> HttpResponse:
        """Ask for confirmation, then download pending avatars."""
        return self._start_pending(
            request, PendingAvatarsImporter, _("Download avatars")
        )

    def _start_pending(
        self, request: HttpRequest, importer: type[Importer], title: Any
    ) -> HttpResponse:
        form = ReplacingForm.of_request(request)
        if request.method == "POST" and form.is_valid():
            try:
                operation, count = start_pending(
                    importer=importer,
                    actor=actor_of(request),
                    may_replace=form.may_replace,
                )
            except DomainError as error:  # another import was started meanwhile
                messages.error(request, error.message)
                return HttpResponseRedirect(request.path)
            if count == 0:
                messages.info(request, _("There is nothing to download."))
            return HttpResponseRedirect(page_of(operation))
        return self.show(
            request,
            "confirm.html",
            title,
            question=_(
                "This starts an import that downloads everything that earlier imports"
                " stored as links."
            ),
            operation=importer_label(importer.key, importer.name),
            name=importer_label(importer.key, importer.name),
            page="..",
            form=form,
            **active_import_notice(form.in_progress),
        )


def _start(form: NewImportForm, actor: Actor) -> ImportOperation:
    """Start the import that the form describes; an uploaded file is read at once."""
    cleaned = form.cleaned_data
    if cleaned["address"]:
        return start_download(
            actor=actor,
            importer_key=cleaned["importer"],
            url=cleaned["address"],
            may_replace=form.may_replace,
        )
    file: AcceptedUpload = cleaned["file"]
    operation = start_with_file(
        actor=actor,
        importer_key=cleaned["importer"],
        file_name=file.name or "upload",
        content_type=file.content_type or "",
        received=file.received,
        may_replace=form.may_replace,
    )
    start_preparing(operation=operation, actor=actor)
    return operation


def _form_message(error: DomainError) -> str:
    """Return the message for the form; Rocket.Chat's texts omit why a URL failed."""
    reason = error.__cause__
    if isinstance(reason, BadAddressError | ForbiddenAddressError | FetchError):
        return gettext("The file can't be downloaded: %s.") % reason
    return error.message
