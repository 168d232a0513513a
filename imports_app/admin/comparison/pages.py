"""Two operations side by side."""

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
from imports_app.admin.columns import given_name
from imports_app.admin.comparison.comparison import compare
from imports_app.admin.comparison.links import comparison_of
from imports_app.admin.links import page_of
from imports_app.models import ImportOperation


class ComparePages(AdminPages):
    """The comparison, and the way to it from the list."""

    actions = ("compare_chosen",)

    def get_custom_urls(self) -> tuple[tuple[str, str, Any], ...]:
        """Add the page, at an address that can be shared."""
        name = "imports_app_importoperation_compare"
        return (*super().get_custom_urls(), ("compare/", name, self.compare_page))

    @action(description=gettext_lazy("Compare two"), permissions=("view",))
    def compare_chosen(
        self, request: HttpRequest, queryset: QuerySet[ImportOperation]
    ) -> HttpResponse | None:
        """Lead from two ticked operations to their comparison, the older first."""
        chosen = list(queryset.order_by("created_at", "id")[:3])
        if len(chosen) != 2:
            messages.error(request, _("Tick exactly two operations to compare them."))
            return None
        return HttpResponseRedirect(comparison_of(*chosen))

    def compare_page(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Compare the operations that the address names as `a` and `b`."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        names = [request.GET.get("a", "").strip(), request.GET.get("b", "").strip()]
        found = ImportOperation.objects.by_public_id(names)
        if len(found) != 2:
            messages.error(request, _trouble(names, found))
            page = reverse("admin:imports_app_importoperation_changelist")
            return HttpResponseRedirect(page)
        left, right = (found[name] for name in names)
        return self.show(
            request,
            "comparison/compare.html",
            _("Compare two operations"),
            sides=[
                {
                    "letter": letter,
                    "operation": operation,
                    "file": given_name(operation),
                    "page": page_of(operation),
                }
                for letter, operation in (("A", left), ("B", right))
            ],
            sections=compare(left, right),
            swapped=comparison_of(right, left),
        )


def _trouble(names: list[str], found: dict[str, ImportOperation]) -> str:
    """Say why there is nothing to compare, and what to do."""
    if not all(names) or names[0] == names[1]:
        return _("A comparison needs two operations. Tick two in this list.")
    missing = ", ".join(name for name in names if name not in found)
    return _("There is no operation %s. It may have been deleted.") % missing
