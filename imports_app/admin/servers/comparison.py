"""Comparison of two imports, each of this or of a connected server."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from config.admin.formatting import format_time
from imports_app.admin.base import AdminPages
from imports_app.admin.columns import badge_of, original_file_name
from imports_app.admin.comparison import diff
from imports_app.admin.comparison.comparison import Section
from imports_app.admin.links import page_of
from imports_app.admin.servers.labels import mirrored_badge
from imports_app.models import ImportOperation, MirroredOperation
from imports_app.reports.importer_labels import importer_label

AnyOperation = ImportOperation | MirroredOperation

_COUNTS: Final = (
    ("total", gettext_lazy("Records")),
    ("completed", gettext_lazy("Completed")),
    ("error", gettext_lazy("Failed")),
    ("users", gettext_lazy("Users")),
    ("channels", gettext_lazy("Rooms")),
    ("messages", gettext_lazy("Messages")),
)


class MirrorComparison(AdminPages):
    """Comparison page and the list action that opens it."""

    actions = ("compare_selected",)

    def get_custom_urls(self) -> tuple[tuple[str, str, Any], ...]:
        """Add the URL of the page, which can be shared."""
        name = "imports_app_mirroredoperation_compare"
        return (*super().get_custom_urls(), ("compare/", name, self.compare_page))

    @action(description=gettext_lazy("Compare two imports"), permissions=("view",))
    def compare_selected(
        self, request: HttpRequest, queryset: QuerySet[MirroredOperation]
    ) -> HttpResponse | None:
        """Redirect to the comparison of the selected imports, the older first."""
        selected = list(queryset.order_by("created_at", "id")[:3])
        if len(selected) != 2:
            messages.error(request, _("Select exactly two imports to compare."))
            return None
        return HttpResponseRedirect(_comparison_of(*selected))

    def compare_page(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Compare the imports in the parameters `a` and `b`.

        A value is the ID of an import of this server, or `server:ID`.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        left, right = (_find(request.GET.get(name, "")) for name in ("a", "b"))
        if left is None or right is None:
            text = _("A comparison needs two imports. Select two in this list.")
            messages.error(request, text)
            page = reverse("admin:imports_app_mirroredoperation_changelist")
            return HttpResponseRedirect(page)
        return self.show(
            request,
            "comparison/compare.html",
            _("Compare two imports"),
            sides=[
                {
                    "letter": letter,
                    "operation": _name_of(operation),
                    "file": original_file_name(operation),
                    "page": _page_of(operation),
                }
                for letter, operation in (("A", left), ("B", right))
            ],
            sections=compare(left, right),
            swapped=_comparison_of(right, left),
        )


def compare(left: AnyOperation, right: AnyOperation) -> list[Section]:
    """Compare what Rocket.Chat's API returns for both imports."""
    first = min(left.created_at, right.created_at)
    facts = [
        diff.compare_values(_("Server"), (_server_of(left), _server_of(right))),
        diff.compare_values(_("Importer"), (_importer_of(left), _importer_of(right))),
        diff.compare_values(_("Status"), (_status_of(left), _status_of(right))),
        diff.compare_values(
            _("File"), (original_file_name(left), original_file_name(right))
        ),
        diff.compare_times(
            _("Started"),
            (left.created_at - first, right.created_at - first),
            (format_time(left.created_at), format_time(right.created_at)),
        ),
        diff.compare_durations(
            _("Start to last change"),
            (left.updated_at - left.created_at, right.updated_at - right.created_at),
        ),
    ]
    counts = [
        diff.compare_counts(
            str(label),
            (getattr(left, f"count_{name}"), getattr(right, f"count_{name}")),
        )
        for name, label in _COUNTS
    ]
    return [Section(_("Import"), facts), Section(_("Records"), counts)]


def _find(name: str) -> AnyOperation | None:
    """Return the import with a name in a URL."""
    server, colon, key = name.strip().rpartition(":")
    if not colon:
        return ImportOperation.objects.by_public_id([key]).get(key)
    mirrored = MirroredOperation.objects.of_server(server).select_related("server")
    return mirrored.filter(public_id=key).first()


def _name_of(operation: AnyOperation) -> str:
    if isinstance(operation, MirroredOperation):
        return f"{operation.server.name}:{operation.public_id}"
    return operation.public_id


def _comparison_of(left: AnyOperation, right: AnyOperation) -> str:
    page = reverse("admin:imports_app_mirroredoperation_compare")
    return f"{page}?{urlencode({'a': _name_of(left), 'b': _name_of(right)})}"


def _page_of(operation: AnyOperation) -> str:
    if isinstance(operation, ImportOperation):
        return page_of(operation)
    page = "admin:imports_app_mirroredoperation_change"
    return reverse(page, args=[operation.pk])


def _server_of(operation: AnyOperation) -> str:
    if isinstance(operation, MirroredOperation):
        return operation.server.name
    return _("this server")


def _importer_of(operation: AnyOperation) -> str:
    return importer_label(operation.importer_key, operation.importer_name)


def _status_of(operation: AnyOperation) -> str:
    if isinstance(operation, MirroredOperation):
        return mirrored_badge(operation)
    return badge_of(operation)
