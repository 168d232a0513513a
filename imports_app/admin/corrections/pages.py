"""Pages that correct a record, and list the messages that may need it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from config.admin.formatting import format_milliseconds
from config.errors import DomainError
from imports_app.admin.base import AdminPages, actor_of
from imports_app.admin.corrections.links import correct_url, messages_url
from imports_app.admin.corrections.values import (
    cells_from,
    compare_values,
    with_entered,
)
from imports_app.admin.links import page_of, step_of
from imports_app.admin.operations.outcome import place_of
from imports_app.error_catalog import explanation_of
from imports_app.errors import CorrectionChangedError
from imports_app.models import ImportOperation, ImportRecord
from imports_app.records import Kind
from imports_app.services.access_log import record_message_read
from imports_app.services.corrections.changes import correct_record, remove_correction
from imports_app.services.corrections.messages import (
    MessageFilter,
    failure_of,
    find_place,
    list_messages,
    may_open,
)
from imports_app.services.corrections.records import (
    CorrectableRecord,
    can_correct,
    find_record,
    is_reviewed,
)
from imports_app.services.review.plans import get_plan

_ROWS: Final = 50
_RELOADED_AFTER: Final = 2
"""Seconds after which the list reloads while a worker computes the preview."""
_PLACE: Final = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_MOST_CHARACTERS: Final = 200
_LONGEST_ID: Final = 255
_LONGEST_FILTER: Final = 2_000


class CorrectionPages(AdminPages):
    """Admin pages of corrections."""

    def get_urls(self) -> list[URLPattern]:
        """Add the pages."""
        pages: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
            "correct/<slug:key>/": ("correct", self.correct_page),
            "correct/": ("correct_place", self.correct_place_page),
            "messages/": ("messages", self.messages_page),
        }
        own = [
            path(
                f"<int:object_id>/{route}",
                self.admin_site.admin_view(page),
                name=f"imports_app_importoperation_{name}",
            )
            for route, (name, page) in pages.items()
        ]
        return [*own, *super().get_urls()]

    def correct_page(
        self, request: HttpRequest, object_id: int, key: str
    ) -> HttpResponse:
        """Show the values of a record; on POST, save or remove a correction."""
        operation = self._operation_of(request, object_id)
        found = self._record(request, operation, key)
        record = found.record
        if not can_correct(operation, record):
            messages.warning(
                request,
                _(
                    "This record can't be corrected now. Correct records during the"
                    " review, or failed records after the run."
                ),
            )
            return HttpResponseRedirect(_page_of_record(found))
        values = compare_values(found)
        if request.method == "POST":
            cells = cells_from(request.POST, values)
            try:
                return HttpResponseRedirect(self._save_row(request, found, cells))
            except CorrectionChangedError as error:
                messages.error(request, error.message)
                return HttpResponseRedirect(request.get_full_path())
            except DomainError as error:
                messages.error(request, error.message)
                values = with_entered(values, cells)
        elif record.kind == Kind.MESSAGE:
            record_message_read(operation, by=author_of(request))
        original = found.original
        code = original.code or original.guess
        if not code and record.kind == Kind.MESSAGE:
            code = failure_of(found)
        return self.show(
            request,
            "corrections/correct.html",
            _("Correct record"),
            subject=operation,
            found=found,
            record=original,
            back=_page_of_record(found),
            location=place_of(original),
            values=values,
            explanation=explanation_of(code) if code else None,
            is_guess=bool(code) and code == original.guess,
            is_before_run=is_reviewed(operation),
        )

    def _save_row(
        self, request: HttpRequest, found: CorrectableRecord, cells: list[str]
    ) -> str:
        """Save or remove a correction; return the URL of the next page."""
        operation, actor = found.operation, actor_of(request)
        text = request.POST.get("revision", "")
        revision = int(text) if re.fullmatch("[0-9]{1,9}", text) else -1
        if request.POST.get("do") == "remove":
            remove_correction(
                operation=operation, key=found.key, revision=revision, actor=actor
            )
            messages.success(request, _("The correction was removed."))
            return correct_url(operation.pk, found.key)
        corrected = correct_record(
            operation=operation,
            key=found.key,
            cells=cells,
            revision=revision,
            actor=actor,
        )
        if is_reviewed(operation):
            messages.success(
                request, _("The correction was saved. The import will use it.")
            )
        else:
            messages.success(
                request, _("The correction was saved. Retry the failed records.")
            )
        return _page_of_record(corrected)

    def correct_place_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Redirect to the page that corrects the record of a line of the source."""
        operation = self._operation_of(request, object_id)
        self.require_view(request)
        file = request.GET.get("file", "").replace("\0", "")[:500]
        line = request.GET.get("line", "")
        number = int(line) if re.fullmatch("[0-9]{1,9}", line) else None
        found = None
        try:
            if is_reviewed(operation):
                found = find_place(operation, file, number)
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(page_of(operation))
        if found is None:
            messages.warning(
                request,
                _(
                    "This line has no record that can be corrected here. Correct the"
                    " line in the source and upload the file again."
                ),
            )
            return HttpResponseRedirect(page_of(operation))
        return HttpResponseRedirect(correct_url(operation.pk, found.key))

    def messages_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """List the messages that will fail, or that depend on a guess."""
        operation = self._operation_of(request, object_id)
        self.require_view(request)
        if not is_reviewed(operation):
            return self.redirect_stale(request, operation)
        viewer: Any = request.user
        plan = get_plan(operation=operation, initiator=viewer.public_id)
        wanted = _filter_of(request.GET)
        context: dict[str, Any] = {}
        if plan.is_complete:
            record_message_read(operation, by=author_of(request))
            context = _list_context(request, operation, plan, wanted)
        response = self.show(
            request,
            "corrections/messages.html",
            _("Messages to check") if wanted.guess else _("Messages that will fail"),
            operation=operation,
            plan=plan,
            wanted=wanted,
            guess=explanation_of(wanted.guess) if wanted.guess else None,
            preview_page=f"{step_of(operation, 'preview')}?kind=message",
            **context,
        )
        if not plan.is_complete:
            response.headers["Refresh"] = str(_RELOADED_AFTER)
        return response

    def _operation_of(self, request: HttpRequest, object_id: int) -> ImportOperation:
        if not self.allows(request, PermissionName.RUN_IMPORT):
            raise PermissionDenied
        return get_object_or_404(ImportOperation, pk=object_id)

    def _record(
        self, request: HttpRequest, operation: ImportOperation, key: str
    ) -> CorrectableRecord:
        """Return a record that the user may open.

        Raises:
            Http404: There is none.
            PermissionDenied: It is a message that only its room's readers may read.
        """
        try:
            found = find_record(operation, key)
        except DomainError as error:
            raise Http404 from error
        if found is None:
            raise Http404
        viewer: Any = request.user
        if not may_open(found, viewer):
            raise PermissionDenied
        return found


def _filter_of(query: QueryDict) -> MessageFilter:
    return MessageFilter(
        room=query.get("room", "").replace("\0", "")[:_LONGEST_FILTER],
        guess=query.get("guess", "").replace("\0", "")[:_LONGEST_FILTER],
    )


def _list_context(
    request: HttpRequest, operation: ImportOperation, plan: Any, wanted: MessageFilter
) -> dict[str, Any]:
    """Return the rows of the list, and the URL of the next page."""
    start = _PLACE.fullmatch(request.GET.get("after", ""))
    try:
        page = list_messages(
            plan,
            wanted,
            start=(int(start[1]), int(start[2])) if start else (0, 0),
            limit=_ROWS,
        )
    except DomainError as error:
        messages.error(request, error.message)
        return {"rows": [], "next": ""}
    names = _room_names(operation, {one.message.room for one in page.messages})
    return {
        "rows": [
            {
                "message": one.message,
                "text": one.message.text[:_MOST_CHARACTERS],
                "time": one.message.raw_time
                or format_milliseconds(one.message.sent_at),
                "room": names.get(one.message.room[:_LONGEST_ID], one.message.room),
                "reason": explanation_of(one.code).title,
                "place": f"{one.file}:{one.line}" if one.line else one.file,
                "page": correct_url(operation.pk, one.key),
            }
            for one in page.messages
        ],
        "next": page.next
        and messages_url(
            operation.pk,
            room=wanted.room,
            guess=wanted.guess,
            after="{}-{}".format(*page.next),
        ),
    }


def _room_names(operation: ImportOperation, rooms: set[str]) -> dict[str, str]:
    """Return the names of staged rooms by import ID."""
    ids = {room[:_LONGEST_ID] for room in rooms}
    staged = ImportRecord.objects.of_import_ids(operation.pk, Kind.CHANNEL, ids)
    keys = {record.import_id: record.pk for record in staged}
    names = ImportRecord.objects.room_names(keys.values())
    return {import_id: names[pk] for import_id, pk in keys.items()}


def _page_of_record(found: CorrectableRecord) -> str:
    """Return the URL of a record's page; a message of the spool has none."""
    if found.record.pk is None:
        return messages_url(found.operation.pk, guess=found.record.guess)
    return reverse("admin:imports_app_importrecord_change", args=[found.record.pk])
