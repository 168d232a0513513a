"""Pages that preview an import, from which it can be started."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from config.admin.formatting import format_time
from imports_app.admin.base import AdminPages
from imports_app.admin.links import page_of, step_of
from imports_app.admin.preview.table import KINDS, View, build_table
from imports_app.admin.selection.trial import trial_form
from imports_app.models import Effect, ImportOperation, ImportPlan
from imports_app.records import Kind
from imports_app.services.review.plans import get_plan
from imports_app.services.selection import get_selection
from imports_app.statuses import Status

_KIND_LABELS: Final = {
    Kind.USER: _("Users"),
    Kind.CHANNEL: _("Rooms"),
    Kind.MESSAGE: _("Messages by room"),
}
_MESSAGE_EFFECTS: Final = {
    Effect.CREATE: _("import"),
    Effect.SKIP: Effect.SKIP.label,
    Effect.FAIL: Effect.FAIL.label,
}


_RELOADED_AFTER: Final = 2
"""Seconds after which the page reloads while a worker computes the preview."""


class PreviewPages(AdminPages):
    """Admin pages for the preview of an import."""

    @action(
        description=_("Preview"),
        url_path="preview",
        icon="preview",
        permissions=("run",),
    )
    def preview_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show what the import would do; on POST, compute it again."""
        operation = get_object_or_404(ImportOperation, pk=object_id)
        if not operation.is_in_progress or operation.status != Status.USER_SELECTION:
            return self.redirect_stale(request, operation)
        viewer: Any = request.user
        view = View.from_query(request.GET)
        is_new = request.method == "POST"
        plan = get_plan(operation=operation, initiator=viewer.public_id, is_new=is_new)
        if is_new:
            return HttpResponseRedirect(view.address())
        context: dict[str, Any] = {}
        if plan.is_complete:
            table = build_table(plan, view, viewer)
            context = {
                "trial": trial_form(operation, get_selection(operation)),
                "table": table,
                "computed_at": format_time(plan.finished_at),
                "all_effects": view.address(effect="", page=""),
                "kinds": _kinds(plan, view),
                "effects": _effects(plan, view),
            }
        response = self.show(
            request,
            "preview/preview.html",
            _("Preview"),
            operation=operation,
            operation_page=page_of(operation),
            selection_page=step_of(operation, "select"),
            plan=plan,
            view=view,
            **context,
        )
        if not plan.is_complete:
            response.headers["Refresh"] = str(_RELOADED_AFTER)
        return response


def _kinds(plan: ImportPlan, view: View) -> list[dict[str, Any]]:
    """Return the kinds with their numbers of records and of failures."""
    effects = plan.totals["effects"]
    return [
        {
            "label": _KIND_LABELS[kind],
            "address": view.address(kind=kind.value, effect="", page=""),
            "is_current": kind is view.kind,
            "number": sum(effects.get(kind, {}).values()),
            "failed": effects.get(kind, {}).get(Effect.FAIL, 0),
        }
        for kind in KINDS
    ]


def _effects(plan: ImportPlan, view: View) -> list[dict[str, Any]]:
    """Return the effects on the view's kind, with their numbers."""
    numbers = plan.totals["effects"].get(view.kind, {})
    labels: dict[Any, Any] = {effect: effect.label for effect in Effect}
    if view.kind is Kind.MESSAGE:
        labels = _MESSAGE_EFFECTS
    return [
        {
            "label": label,
            "address": view.address(effect=effect.value, page=""),
            "is_current": effect == view.effect,
            "number": numbers[effect],
        }
        for effect, label in labels.items()
        if numbers.get(effect)
    ]
