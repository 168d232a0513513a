"""What of a source is to be imported: the page between reading and running."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.permission_names import PermissionName
from config.errors import DomainError
from imports_app.admin.operation_links import page_of
from imports_app.admin.own_pages import OwnPages, actor_of
from imports_app.admin.selection_form import SelectionForm
from imports_app.models import ImportOperation
from imports_app.services.runs import start_run
from imports_app.statuses import Status


class SelectionPages(OwnPages):
    """The selection, and the start of the run."""

    def has_select_permission(self, request: HttpRequest, object_id: Any) -> bool:
        """Tell whether the user may select what to import, and start."""
        waiting = ImportOperation.objects.valid().filter(status=Status.USER_SELECTION)
        return self.allows(request, PermissionName.RUN_IMPORT) and (
            waiting.filter(pk=object_id).exists()
        )

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
                    actor=actor_of(request),
                )
            except DomainError:
                messages.error(request, _("It does not wait for a selection any more."))
            return HttpResponseRedirect(page_of(operation))
        counts = operation.kind_counts.values("kind").annotate(found=Sum("staged"))
        return self.show(
            request,
            "select.html",
            _("Select and import"),
            form=form,
            found={row["kind"]: row["found"] for row in counts},
            operation=operation,
            operation_page=page_of(operation),
        )
