"""Pages that decide about a user or room, and list the decisions of an import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

import orjson
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.permission_names import PermissionName
from config.api.rate_limit import count_call
from config.errors import DomainError
from imports_app.admin.base import AdminPages, actor_of
from imports_app.admin.decisions.choice_page import choice_context, choice_of
from imports_app.admin.decisions.labels import describe_decision
from imports_app.admin.decisions.links import decide_url, decisions_url
from imports_app.admin.links import page_of, step_of
from imports_app.admin.selection.table import View
from imports_app.errors import DecisionFileError, OperationUnusableStatusError
from imports_app.models import Decision, ImportOperation, ImportRecord
from imports_app.records import Kind
from imports_app.services.review.decision_files import (
    MAX_BYTES,
    decisions_document,
    hidden_rooms,
    load_decisions,
)
from imports_app.services.review.decision_offers import decline_offer, use_offer
from imports_app.services.review.decisions import (
    make_decision,
    remove_decision,
    replace_decisions,
)
from imports_app.statuses import Status

_KINDS: Final = (Kind.USER.value, Kind.CHANNEL.value)
_ROWS: Final = 100
"""Decisions on a page of the list."""
_SHOWN: Final = 5
"""Problems of an offer that are shown one by one."""
_TITLES: Final = {
    Kind.USER: _("Decision about a user"),
    Kind.CHANNEL: _("Decision about a room"),
}
_NAME: Final = "imports_app_importoperation_"


class DecisionPages(AdminPages):
    """Admin pages of decisions."""

    def get_urls(self) -> list[URLPattern]:
        """Add the pages."""
        pages: dict[str, Callable[..., HttpResponse]] = {
            "decide": self.decide_page,
            "decisions": self.decisions_page,
            "decisions-file": self.decisions_file,
        }
        own = [
            path(
                f"<int:object_id>/{name}/",
                self.admin_site.admin_view(page),
                name=f"{_NAME}{name.replace('-', '_')}",
            )
            for name, page in pages.items()
        ]
        return [*own, *super().get_urls()]

    def decide_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show a record with the possible decisions; on POST, decide."""
        operation = self._decided_operation(request, object_id)
        if not _is_reviewed(operation):
            return self.redirect_stale(request, operation)
        record = _record(operation, request.GET.get("record", ""))
        view = replace(View.from_query(request.GET), kind=Kind(record.kind))
        back = f"{step_of(operation, 'select')}{view.address()}"
        if request.method == "POST":
            try:
                self._decide(request, operation, record)
            except OperationUnusableStatusError:
                return self.redirect_stale(request, operation)
            except DomainError as error:
                messages.error(request, error.message)
                return HttpResponseRedirect(request.get_full_path())
            return HttpResponseRedirect(back)
        # The search tells who exists on the server.
        usage = count_call(f"{request.user.pk} decide")
        wait = usage.wait_seconds if usage is not None and usage.is_exceeded else 0
        response = self.show(
            request,
            "decisions/decide.html",
            _TITLES[Kind(record.kind)],
            operation=operation,
            back=back,
            view=view,
            decide_page=decide_url(operation, view.address(record=record.pk)),
            wait=wait,
            **choice_context(request, operation, record, is_searching=not wait),
        )
        if wait:
            response.status_code = HTTPStatus.TOO_MANY_REQUESTS
            response.headers["Retry-After"] = str(wait)
        return response

    def _decide(
        self, request: HttpRequest, operation: ImportOperation, record: ImportRecord
    ) -> None:
        if request.POST.get("do") == "remove":
            remove_decision(
                operation=operation,
                kind=Kind(record.kind),
                import_id=record.import_id,
                actor=actor_of(request),
            )
            messages.success(request, _("The decision was removed."))
            return
        choice = choice_of(record, request.POST)
        make_decision(operation=operation, choice=choice, actor=actor_of(request))
        messages.success(request, _("The decision was saved."))

    def decisions_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """List the decisions; on POST, remove one, use a file, or answer the offer."""
        operation = self._decided_operation(request, object_id)
        if request.method == "POST":
            return self._change(request, operation)
        rows = Decision.objects.of_operation(operation.pk)
        page = Paginator(rows, _ROWS).get_page(request.GET.get("page"))
        decisions = list(page.object_list)
        viewer: Any = request.user
        hidden = hidden_rooms(decisions, viewer)
        records = _staged_records(operation, decisions)
        view = View.from_query(QueryDict())
        return self.show(
            request,
            "decisions/decisions.html",
            _("Decisions"),
            operation=operation,
            operation_page=page_of(operation),
            select_page=step_of(operation, "select"),
            file=decisions_url(operation, "decisions_file"),
            is_reviewed=_is_reviewed(operation),
            listed=page,
            decisions=[
                {
                    "decision": one,
                    "text": describe_decision(one, is_hidden=one.target in hidden),
                    "name": _name_of(record) if record is not None else one.import_id,
                    "href": record
                    and decide_url(operation, view.address(record=record.pk)),
                }
                for one in decisions
                for record in [records.get((one.kind, one.import_id))]
            ],
        )

    def _change(self, request: HttpRequest, operation: ImportOperation) -> HttpResponse:
        handlers: dict[str, Callable[[HttpRequest, ImportOperation], str]] = {
            "remove": _remove,
            "upload": _upload,
            "use-offer": _use_offer,
            "decline-offer": _decline_offer,
        }
        handler = handlers.get(request.POST.get("do", "").partition(" ")[0])
        if handler is None:
            raise Http404
        try:
            address = handler(request, operation)
        except OperationUnusableStatusError:
            return self.redirect_stale(request, operation)
        except DomainError as error:
            messages.error(request, error.message)
            address = decisions_url(operation)
        return HttpResponseRedirect(address)

    def decisions_file(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Return the decisions as a file for the next import of the same source."""
        operation = self._decided_operation(request, object_id)
        self.require_view(request)
        viewer: Any = request.user
        document = decisions_document(operation, viewer)
        content = orjson.dumps(document, option=orjson.OPT_INDENT_2)
        name = f"decisions-{operation.public_id}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(content, content_type="application/json", headers=headers)

    def _decided_operation(
        self, request: HttpRequest, object_id: int
    ) -> ImportOperation:
        if not self.allows(request, PermissionName.RUN_IMPORT):
            raise PermissionDenied
        return get_object_or_404(ImportOperation, pk=object_id)


def _is_reviewed(operation: ImportOperation) -> bool:
    """Return whether decisions are possible now."""
    return operation.is_in_progress and operation.status == Status.USER_SELECTION


def _record(operation: ImportOperation, key: str) -> ImportRecord:
    """Return a staged user or room.

    Raises:
        Http404: There is none with this key.
    """
    digits = key[:18]
    if not (digits.isascii() and digits.isdigit()):
        raise Http404
    records = ImportRecord.objects.filter(
        operation=operation, kind__in=_KINDS, is_unreadable=False
    )
    record: ImportRecord = get_object_or_404(records, pk=int(digits))
    if record.data.get("type") == "d":
        raise Http404
    return record


def _staged_records(
    operation: ImportOperation, decisions: list[Decision]
) -> dict[tuple[str, str], ImportRecord]:
    """Return the records of decisions, by kind and import ID."""
    found: dict[tuple[str, str], ImportRecord] = {}
    for kind in _KINDS:
        ids = [one.import_id for one in decisions if one.kind == kind]
        for row in ImportRecord.objects.of_import_ids(operation.pk, kind, ids):
            found.setdefault((row.kind, row.import_id), row)
    return found


def _name_of(record: ImportRecord) -> str:
    data = record.data
    name = data.get("name") or data.get("username") or record.import_id
    return f"#{name}" if record.kind == Kind.CHANNEL else str(name)


def _remove(request: HttpRequest, operation: ImportOperation) -> str:
    _do, kind, import_id = [*request.POST["do"].split(" ", 2), "", ""][:3]
    if kind in _KINDS and remove_decision(
        operation=operation,
        kind=Kind(kind),
        import_id=import_id,
        actor=actor_of(request),
    ):
        messages.success(request, _("The decision was removed."))
    return decisions_url(operation)


def _upload(request: HttpRequest, operation: ImportOperation) -> str:
    """Replace the decisions with those of a file."""
    file: Any = request.FILES.get("file")
    if file is None:
        raise DecisionFileError(str(_("Choose a file with decisions.")))
    actor = actor_of(request)
    choices = load_decisions(file.read(MAX_BYTES + 1), actor.user)
    ignored = replace_decisions(operation=operation, choices=choices, actor=actor)
    _say_numbers(request, len(choices) - len(ignored), len(ignored))
    return decisions_url(operation)


def _use_offer(request: HttpRequest, operation: ImportOperation) -> str:
    """Use the decisions of the last import as far as they are possible."""
    checked = use_offer(operation=operation, actor=actor_of(request))
    _say_numbers(request, len(checked.decisions), len(checked.absent))
    for problem in checked.problems[:_SHOWN]:
        messages.warning(request, _("Not used: %s") % problem.message)
    more = len(checked.problems) - _SHOWN
    if more > 0:
        text = ngettext(
            "%d more decision was not used.", "%d more decisions were not used.", more
        )
        messages.warning(request, text % more)
    return decisions_url(operation)


def _decline_offer(request: HttpRequest, operation: ImportOperation) -> str:
    decline_offer(operation=operation)
    return step_of(operation, "select")


def _say_numbers(request: HttpRequest, used: int, absent: int) -> None:
    text = ngettext("%d decision is used.", "%d decisions are used.", used) % used
    if absent:
        more = ngettext(
            "%d is about a record that this source does not have.",
            "%d are about records that this source does not have.",
            absent,
        )
        text = f"{text} {more % absent}"
    messages.success(request, text)
