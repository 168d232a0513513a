"""Actions on an import: cancel, retry, import the rest, download failed records."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.services.activity import author_of
from imports_app.admin.base import AdminPages, actor_of
from imports_app.admin.operations.guidance import can_import_again
from imports_app.models import ImportOperation, ImportRecord
from imports_app.services.access_log import record_failures_download
from imports_app.services.failures import write_failures
from imports_app.services.operations import cancel_operation
from imports_app.services.runs import has_rest, import_rest, retry_operation
from imports_app.uploads.storage import has_file


class OperationActions(AdminPages):
    """Pages behind the buttons of an operation's page."""

    actions_detail = (
        "live_page",
        *("read_page", "select_page", "preview_page", "changes_page", "records_page"),
        *("failures_page", "retry_page", "rest_page", "undo_page", "cancel_page"),
        *("report_page", "report_csv_page", "linked_files_page"),
        *("reconciliation_page", "reconciliation_csv_page"),
    )

    @action(description=_("Records"), url_path="records", icon="list")
    def records_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Redirect to the list of the operation's records."""
        page = reverse("admin:imports_app_importrecord_changelist")
        return HttpResponseRedirect(f"{page}?operation__id__exact={object_id}")

    @action(
        description=_("Download failed records"),
        url_path="failures",
        icon="download",
        permissions=("run",),
    )
    def failures_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Return the failed records as a ZIP archive."""
        operation = get_object_or_404(ImportOperation, pk=object_id)
        if not _has_failures(operation) or not can_import_again(operation):
            return self.redirect_stale(request, operation)
        name = f"failures-{operation.public_id}.zip"
        record_failures_download(operation, by=author_of(request))
        return HttpResponse(
            write_failures(operation),
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @action(
        description=_("Cancel import"),
        url_path="cancel",
        icon="cancel",
        permissions=("run",),
    )
    def cancel_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for confirmation, then cancel the operation."""

        def cancel(
            operation: ImportOperation, may_replace: Collection[int]
        ) -> ImportOperation:
            cancel_operation(operation=operation, actor=actor_of(request))
            return operation

        operation = get_object_or_404(ImportOperation, pk=object_id)
        return self.confirm(
            request,
            operation,
            cancel,
            is_possible=operation.is_in_progress,
            title=_("Cancel import"),
            question=_("Records imported so far are kept. The rest is not imported."),
            done=_("Import cancelled."),
        )

    @action(
        description=_("Retry failed records"),
        url_path="retry",
        icon="replay",
        permissions=("run",),
    )
    def retry_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for confirmation, then retry the failed records."""

        def retry(
            operation: ImportOperation, may_replace: Collection[int]
        ) -> ImportOperation:
            return retry_operation(
                operation=operation, actor=actor_of(request), may_replace=may_replace
            )

        operation = get_object_or_404(ImportOperation, pk=object_id)
        return self.confirm(
            request,
            operation,
            retry,
            is_possible=not operation.is_in_progress and _can_retry(operation),
            title=_("Retry failed records"),
            question=_(
                "This starts a new import with the failed records only. If its users"
                " match privileged users, it waits until you confirm the matches."
            ),
            done=_("Retry started."),
            replaces=True,
        )

    @action(
        description=_("Import the rest"),
        url_path="rest",
        icon="resume",
        permissions=("run",),
    )
    def rest_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for confirmation, then import what was not processed."""

        def start(
            operation: ImportOperation, may_replace: Collection[int]
        ) -> ImportOperation:
            return import_rest(
                operation=operation, actor=actor_of(request), may_replace=may_replace
            )

        operation = get_object_or_404(ImportOperation, pk=object_id)
        return self.confirm(
            request,
            operation,
            start,
            is_possible=has_rest(operation) and has_file(operation),
            title=_("Continue with the rest")
            if operation.is_trial
            else _("Import the rest"),
            question=_(
                "This starts a new import that reads the same file again and uses the"
                " same selection. Records that were imported before count as unchanged."
            ),
            done=_("Import of the rest started."),
            replaces=True,
        )


def _can_retry(operation: ImportOperation) -> bool:
    return ImportRecord.objects.retryable(operation.pk).exists()


def _has_failures(operation: ImportOperation) -> bool:
    return ImportRecord.objects.failed(operation.pk).exists()
