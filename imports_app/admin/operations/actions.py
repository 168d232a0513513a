"""What one can do to operations: end them, or try again what failed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.services.activity import author_of
from imports_app.admin.base import AdminPages, actor_of
from imports_app.models import ImportOperation, ImportRecord
from imports_app.services.access_log import record_failures_download
from imports_app.services.failures import write_failures
from imports_app.services.operations import cancel_operation
from imports_app.services.runs import retry_operation


class OperationActions(AdminPages):
    """The buttons of an operation's page."""

    actions_detail = (
        "live_page",
        *("read_page", "select_page", "records_page"),
        *("failures_page", "retry_page", "cancel_page"),
    )

    @action(description=_("Records"), url_path="records", icon="list")
    def records_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Lead to the operation's records."""
        page = reverse("admin:imports_app_importrecord_changelist")
        return HttpResponseRedirect(f"{page}?operation__id__exact={object_id}")

    @action(
        description=_("Download failures"),
        url_path="failures",
        icon="download",
        permissions=("run",),
    )
    def failures_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Answer the failed records as an archive."""
        operation = get_object_or_404(ImportOperation, pk=object_id)
        if not _has_failures(operation):
            return self.redirect_stale(request, operation)
        name = f"failures-{operation.public_id}.zip"
        record_failures_download(operation, by=author_of(request))
        return HttpResponse(
            write_failures(operation),
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @action(
        description=_("Cancel"),
        url_path="cancel",
        icon="cancel",
        permissions=("run",),
    )
    def cancel_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask, then end the operation."""

        def cancel(operation: ImportOperation) -> ImportOperation:
            cancel_operation(operation=operation, actor=actor_of(request))
            return operation

        operation = get_object_or_404(ImportOperation, pk=object_id)
        return self.ask(
            request,
            operation,
            cancel,
            is_possible=operation.is_in_progress,
            title=_("Cancel the import"),
            question=_("What came in by now stays. The rest is not imported."),
            done=_("The import is cancelled."),
        )

    @action(
        description=_("Retry failures"),
        url_path="retry",
        icon="replay",
        permissions=("run",),
    )
    def retry_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask, then try the failed records again."""

        def retry(operation: ImportOperation) -> ImportOperation:
            return retry_operation(operation=operation, actor=actor_of(request))

        operation = get_object_or_404(ImportOperation, pk=object_id)
        return self.ask(
            request,
            operation,
            retry,
            is_possible=not operation.is_in_progress and _has_failures(operation),
            title=_("Retry what failed"),
            question=_(
                "A new import starts with the failed records only. It takes the place"
                " of any import that is going on. If users in it match privileged"
                " users, it waits until you have confirmed the matches."
            ),
            done=_("The failed records are tried again."),
        )


def _has_failures(operation: ImportOperation) -> bool:
    return ImportRecord.objects.failed(operation.pk).exists()
