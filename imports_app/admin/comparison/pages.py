"""Page that compares two operations."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from imports_app.admin.base import AdminPages
from imports_app.admin.columns import original_file_name
from imports_app.admin.comparison.comparison import compare
from imports_app.admin.comparison.links import comparison_of
from imports_app.admin.links import page_of
from imports_app.models import ImportOperation


class ComparePages(AdminPages):
    """Comparison page and the list action that opens it."""

    actions = ("compare_selected",)

    def get_custom_urls(self) -> tuple[tuple[str, str, Any], ...]:
        """Add the URL of the page, which can be shared."""
        name = "imports_app_importoperation_compare"
        return (*super().get_custom_urls(), ("compare/", name, self.compare_page))

    @action(description=gettext_lazy("Compare two imports"), permissions=("view",))
    def compare_selected(
        self, request: HttpRequest, queryset: QuerySet[ImportOperation]
    ) -> HttpResponse | None:
        """Redirect to the comparison of the selected operations, the older first."""
        selected = list(queryset.order_by("created_at", "id")[:3])
        if len(selected) != 2:
            messages.error(request, _("Select exactly two imports to compare."))
            return None
        return HttpResponseRedirect(comparison_of(*selected))

    def compare_page(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Compare the operations with the IDs in the parameters `a` and `b`."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        names = [request.GET.get("a", "").strip(), request.GET.get("b", "").strip()]
        found = ImportOperation.objects.by_public_id(names)
        if len(found) != 2:
            messages.error(request, _error_message(names, found))
            page = reverse("admin:imports_app_importoperation_changelist")
            return HttpResponseRedirect(page)
        left, right = (found[name] for name in names)
        return self.show(
            request,
            "comparison/compare.html",
            _("Compare two imports"),
            sides=[
                {
                    "letter": letter,
                    "operation": operation,
                    "file": original_file_name(operation),
                    "page": page_of(operation),
                }
                for letter, operation in (("A", left), ("B", right))
            ],
            sections=compare(left, right),
            swapped=comparison_of(right, left),
        )


def _error_message(names: list[str], found: dict[str, ImportOperation]) -> str:
    """Return why the comparison is not possible."""
    if not all(names) or names[0] == names[1]:
        return _("A comparison needs two imports. Select two in this list.")
    missing = ", ".join(name for name in names if name not in found)
    return _("Import %s does not exist. It may have been deleted.") % missing
