"""CSV export of the activity log with the filters of the list."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import path, reverse
from django.utils import timezone

from accounts.models import ActivityEntry
from accounts.services.activity import author_of, record_event
from config.admin.base import GuardedAdmin
from config.files.csv_cells import safe_cell

_BATCH: Final = 1_000
_COLUMNS: Final = (
    "id",
    "sequence",
    "created_at",
    "author_name",
    "author_public_id",
    "address",
    "action",
    "subject",
    "name",
    "before",
    "after",
)
_NAMES: Final = (
    *("ID", "Number", "Time (UTC)", "By", "User ID", "Address"),
    *("Action", "Kind", "Name", "Before", "After"),
)


class _Echo:
    """A file-like object that returns what is written to it."""

    def write(self, text: str) -> str:
        """Return the text."""
        return text


class ActivityExport(GuardedAdmin):
    """Add a CSV export to the list."""

    list_before_template = "admin/accounts/activityentry/export.html"

    def get_urls(self) -> list[Any]:
        """Add the URL of the export."""
        view = self.admin_site.admin_view(self.export_page)
        name = "accounts_activityentry_export"
        return [path("export/", view, name=name), *super().get_urls()]

    def export_page(self, request: HttpRequest) -> HttpResponseBase:
        """Return the filtered entries as CSV. The export itself is logged.

        Raises:
            PermissionDenied: The user may not see the log.
        """
        if request.method != "GET" or not self.has_view_permission(request):
            raise PermissionDenied
        try:
            entries = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            page = reverse("admin:accounts_activityentry_changelist")
            return HttpResponseRedirect(f"{page}?e=1")
        record_event(
            ActivityEntry.Action.EXPORTED,
            ActivityEntry.Subject.ACTIVITY_LOG,
            urlencode(request.GET.dict()) or "all entries",
            by=author_of(request),
        )
        name = f"activity-log-{timezone.now():%Y-%m-%d}.csv"
        return StreamingHttpResponse(
            _lines(entries),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "X-Content-Type-Options": "nosniff",
            },
        )


def _lines(entries: QuerySet[ActivityEntry]) -> Iterator[str]:
    """Yield the file line by line, newest entry first, in flat memory."""
    writer: Any = csv.writer(_Echo())
    yield writer.writerow(_NAMES)
    rest = entries.order_by("-pk")
    while rows := list(rest.values_list(*_COLUMNS)[:_BATCH]):
        for row in rows:
            yield writer.writerow(_cells(row))
        rest = entries.order_by("-pk").filter(pk__lt=rows[-1][0])


def _cells(row: tuple[Any, ...]) -> list[str]:
    entry_id, sequence, created_at, *texts, before, after = row
    return [
        str(entry_id),
        "" if sequence is None else str(sequence),
        f"{created_at:%Y-%m-%d %H:%M:%S.%f}",
        *(safe_cell(text) for text in texts),
        *("" if state is None else _json(state) for state in (before, after)),
    ]


def _json(state: Any) -> str:
    return orjson.dumps(state).decode()
