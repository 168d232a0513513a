"""Page that selects the records to import and starts the import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from config.errors import DomainError
from imports_app.admin.base import AdminPages, actor_of
from imports_app.admin.changes.summary import summarize
from imports_app.admin.decisions.links import decide_url, decisions_url
from imports_app.admin.linked_files.panel import files_panel
from imports_app.admin.links import page_of, step_of
from imports_app.admin.selection.summary import (
    build_summary,
    count_effects,
    describe_rules,
)
from imports_app.admin.selection.table import TRAIT_LABELS, View, build_table
from imports_app.admin.selection.trial import invalid_trial_text, trial_form
from imports_app.errors import (
    OperationUnusableError,
    OperationUnusableStatusError,
    PlanChangedError,
)
from imports_app.models import Decision, ImportOperation
from imports_app.selection.query import TRAITS
from imports_app.selection.rules import Rule
from imports_app.services.confirmations import confirm_match, withdraw_confirmation
from imports_app.services.review.changes import get_changes
from imports_app.services.review.decision_offers import find_offer
from imports_app.services.review.plans import get_plan
from imports_app.services.runs import parse_trial_messages, start_run
from imports_app.services.selection import (
    archive_existing_rooms,
    get_selection,
    select_direct_messages,
    select_matching,
    select_records,
)
from imports_app.statuses import Status


class SelectionPages(AdminPages):
    """Admin pages for the selection and the start of the import."""

    @action(
        description=_("Review and import"),
        url_path="select",
        icon="checklist",
        permissions=("run",),
    )
    def select_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show the records; on POST, change the selection or start the import."""
        operation = get_object_or_404(
            ImportOperation.objects.select_related("file_download"), pk=object_id
        )
        if not operation.is_in_progress or operation.status != Status.USER_SELECTION:
            return self.redirect_stale(request, operation)
        view = View.from_query(request.GET)
        if request.method != "POST":
            return self._selection(request, operation, view)
        name = request.POST.get("do", "").partition(" ")[0]
        handler = _ACTIONS.get(name, _select_ticked)
        try:
            return HttpResponseRedirect(handler(request, operation, view))
        except (OperationUnusableError, OperationUnusableStatusError):
            return self.redirect_stale(request, operation)
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(view.address())

    def _selection(
        self, request: HttpRequest, operation: ImportOperation, view: View
    ) -> HttpResponse:
        draft = get_selection(operation)
        viewer: Any = request.user
        plan = get_plan(operation=operation, initiator=viewer.public_id)
        table = build_table(operation, view, draft, viewer, plan)
        decisions = Decision.objects.of_operation(operation.pk).count()
        return self.show(
            request,
            "selection/select.html",
            _("Review and import"),
            operation=operation,
            operation_page=page_of(operation),
            view=view,
            traits=[(key, TRAIT_LABELS[key]) for key in TRAITS[view.kind]],
            table=table,
            summary=build_summary(operation, draft),
            archives_existing=draft.archives_existing,
            plan=plan,
            files=files_panel(operation, may_run=True),
            effects=count_effects(plan),
            preview_page=step_of(operation, "preview"),
            rules=describe_rules(view.kind, draft.of(view.kind)),
            trial=trial_form(operation, draft),
            decide_page=decide_url(operation, view.address()),
            decisions_page=decisions_url(operation),
            decisions=decisions,
            offer=find_offer(operation, has_decisions=decisions > 0),
            changes=summarize(operation, get_changes(operation)),
        )


def _select_ticked(request: HttpRequest, operation: ImportOperation, view: View) -> str:
    """Select newly ticked rows and deselect newly cleared ones."""
    ticked = set(request.POST.getlist("ticked"))
    were_ticked = set(request.POST.getlist("was_ticked"))
    shown = set(request.POST.getlist("shown"))
    select_records(
        operation=operation,
        kind=view.kind,
        selected=(ticked & shown) - were_ticked,
        deselected=(were_ticked & shown) - ticked,
    )
    return view.address()


def _select_matching(
    request: HttpRequest, operation: ImportOperation, view: View
) -> str:
    """Select or deselect all records that match the search."""
    takes = request.POST["do"] == "take"
    rule = Rule(takes=takes, text=view.text, trait=view.trait)
    select_matching(operation=operation, kind=view.kind, rule=rule)
    return view.address()


def _select_direct_messages(
    request: HttpRequest, operation: ImportOperation, view: View
) -> str:
    is_selected = request.POST["do"] == "take-directs"
    select_direct_messages(operation=operation, is_selected=is_selected)
    return view.address()


def _archive_existing(
    request: HttpRequest, operation: ImportOperation, view: View
) -> str:
    archives = request.POST["do"] == "archive-existing"
    archive_existing_rooms(operation=operation, archives=archives)
    return view.address()


def _start(request: HttpRequest, operation: ImportOperation, view: View) -> str:
    """Start the import, unless the selection changed since the page was shown."""
    if request.POST.get("revision") != str(operation.revision):
        messages.warning(
            request, _("The selection has changed in the meantime. Review it again.")
        )
        return view.address()
    selection = get_selection(operation)
    if build_summary(operation, selection).is_empty:
        messages.warning(
            request, _("Nothing is selected. Select at least one user or room.")
        )
        return view.address()
    trial = None
    if request.POST["do"] == "trial":
        trial = parse_trial_messages(request.POST.get("trial", ""))
        if trial is None:
            messages.error(request, invalid_trial_text())
            return view.address()
    try:
        start_run(
            operation=operation,
            selection=selection,
            actor=actor_of(request),
            plan_digest=request.POST.get("plan", ""),
            trial_messages=trial,
        )
    except PlanChangedError as error:
        messages.error(request, error.message)
        return step_of(operation, "preview")
    return page_of(operation)


def _confirm(request: HttpRequest, operation: ImportOperation, view: View) -> str:
    """Confirm that a record is the privileged user that the page showed."""
    _name, record_id, user_id = _words_of(request, 3)
    confirm_match(
        operation=operation,
        record_id=_key_of(record_id),
        user_id=user_id,
        actor=actor_of(request),
    )
    return view.address()


def _withdraw(request: HttpRequest, operation: ImportOperation, view: View) -> str:
    """Withdraw a confirmation."""
    _name, record_id = _words_of(request, 2)
    withdraw_confirmation(operation=operation, record_id=_key_of(record_id))
    return view.address()


def _words_of(request: HttpRequest, number: int) -> list[str]:
    """Return the words of a button's value, padded with empty strings."""
    words = request.POST["do"].split(" ")[:number]
    return words + [""] * (number - len(words))


def _key_of(text: str) -> int:
    """Return a row's primary key, or 0 if the text is not a valid key."""
    digits = text[:18]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


_ACTIONS: Final[dict[str, Callable[[HttpRequest, ImportOperation, View], str]]] = {
    "take": _select_matching,
    "leave": _select_matching,
    "take-directs": _select_direct_messages,
    "leave-directs": _select_direct_messages,
    "archive-existing": _archive_existing,
    "keep-existing": _archive_existing,
    "start": _start,
    "trial": _start,
    "confirm": _confirm,
    "withdraw": _withdraw,
}
