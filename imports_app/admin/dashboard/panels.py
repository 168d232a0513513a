"""Panels of the dashboard, by the permissions of the user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import AuthToken
from accounts.permission_names import PermissionName
from config.admin.formatting import days_until, format_time
from imports_app.admin.columns import (
    badge_of,
    duration,
    original_file_name,
    progress_bar,
    started_by,
)
from imports_app.admin.dashboard.charts import Chart, Look, Series
from imports_app.admin.dashboard.servers import server_rows
from imports_app.error_catalog import explanation_of
from imports_app.health.readiness import is_worker_alive
from imports_app.models import ImportOperation, ImportRecord, Outcome
from imports_app.querysets.operations import DayCount
from imports_app.querysets.overall_status import OverallStatus
from imports_app.reports.importer_labels import importer_of

_DAYS: Final = 30
_ROWS: Final = 5
_CODES: Final = 8
_GOOD: Final = Look("#16a34a")
_BAD: Final = Look("#dc2626", "hatched")
_LOOKS: Final = {
    OverallStatus.COMPLETED: _GOOD,
    OverallStatus.WITH_FAILURES: Look("#b45309", "lined"),
    OverallStatus.FAILED: _BAD,
    OverallStatus.CANCELLED: Look("#64748b", "hollow"),
    OverallStatus.REPLACED: Look("#64748b", "crossed"),
    OverallStatus.PARTLY_UNDONE: Look("#b45309", "slanted"),
    OverallStatus.UNDONE: Look("#64748b", "checked"),
    OverallStatus.WAITING: Look("#7c3aed", "barred"),
    OverallStatus.IN_PROGRESS: Look("#3b82f6", "dotted"),
}


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the panels to the context of the dashboard."""
    if request.user.has_perm(PermissionName.VIEW_IMPORT_OPERATIONS):
        context.update(_operations())
        if request.user.has_perm(PermissionName.RUN_IMPORT):
            page = "admin:imports_app_importoperation_new_page"
            context["new_import"] = reverse(page)
    if request.user.has_perm(PermissionName.MANAGE_CONNECTED_SERVERS):
        may_view = request.user.has_perm(PermissionName.VIEW_IMPORT_OPERATIONS)
        context["servers"] = server_rows(shows_imports=may_view)
    if request.user.has_perm(PermissionName.ACCESS_PERMISSIONS):
        context["shows_tokens"] = True
        context["expiring"] = _expiring_tokens()
    return context


def _operations() -> dict[str, Any]:
    everything = ImportOperation.objects.all()
    newest = everything.newest_start()
    last = _window_end(newest.date() if newest else None)
    first = last - timedelta(days=_DAYS - 1)
    window = everything.started_between(first, last)
    counted = everything.count_by_day(first, last)
    days = [first + timedelta(days=number) for number in range(_DAYS)]
    return {
        "shows_operations": True,
        "is_empty": newest is None,
        "lacks_workers": not is_worker_alive(),
        "window": (first, last),
        "statuses": _statuses(counted, first, last),
        "operations_chart": _operations_chart(counted, days),
        "records_chart": _records_chart(counted, days),
        "codes": _codes(first, last),
        "failed_records": _failed_records(),
        "running": [_row(row) for row in everything.running().with_initiator()],
        "failures": [
            _row(row)
            for row in window.with_errors().with_initiator().newest_first()[:_ROWS]
        ],
    }


def _window_end(newest: date | None) -> date:
    """Return the last day of the period: today, or that of the newest operation."""
    today = timezone.now().date()
    if newest is None or today - newest < timedelta(days=_DAYS):
        return today
    return newest


def _statuses(
    counted: Iterable[DayCount], first: date, last: date
) -> list[dict[str, Any]]:
    """Return the number of operations by overall status, with links to them."""
    sums: Counter[OverallStatus] = Counter()
    for row in counted:
        sums[row.status] += row.operations
    days = {"created_at_from": first.isoformat(), "created_at_to": last.isoformat()}
    return [
        {
            "label": status.label,
            "number": sums[status],
            "look": look,
            "href": _list(**days, status=status),
        }
        for status, look in _LOOKS.items()
    ]


def _operations_chart(counted: Iterable[DayCount], days: Sequence[date]) -> Chart:
    """Return the chart of operations by start day and overall status."""
    counts: Counter[tuple[date, OverallStatus]] = Counter()
    for row in counted:
        counts[row.day, row.status] += row.operations
    return Chart(
        _("Imports per day, %(first)s to %(last)s (UTC)") % _period(days),
        days,
        [
            Series(str(status.label), look, [counts[day, status] for day in days])
            for status, look in _LOOKS.items()
        ],
    )


def _records_chart(counted: Iterable[DayCount], days: Sequence[date]) -> Chart:
    """Return the chart of imported and failed records by start day."""
    imported: Counter[date] = Counter()
    failed: Counter[date] = Counter()
    for row in counted:
        imported[row.day] += row.came_in
        failed[row.day] += row.failed
    return Chart(
        _("Records per day, %(first)s to %(last)s (UTC)") % _period(days),
        days,
        [
            Series(
                _("Imported, updated or unchanged"),
                _GOOD,
                [imported[day] for day in days],
            ),
            Series(_("Failed"), _BAD, [failed[day] for day in days]),
        ],
    )


def _period(days: Sequence[date]) -> dict[str, str]:
    return {"first": days[0].isoformat(), "last": days[-1].isoformat()}


def _codes(first: date, last: date) -> list[dict[str, Any]]:
    """Return the most frequent error codes, with links to their records."""
    counted = list(ImportRecord.objects.failed_by_code(first, last)[:_CODES])
    most = max((number for _code, number in counted), default=0)
    return [
        {
            "code": code,
            "title": explanation_of(code).title,
            "number": number,
            "share": f"{100 * number / most:.1f}",
            "href": _failed_records(code__exact=code),
        }
        for code, number in counted
    ]


def _failed_records(**query: str) -> str:
    page = reverse("admin:imports_app_importrecord_changelist")
    return f"{page}?{urlencode({'outcome__exact': Outcome.FAILED.value, **query})}"


def _row(operation: ImportOperation) -> dict[str, Any]:
    return {
        "href": reverse(
            "admin:imports_app_importoperation_change", args=[operation.pk]
        ),
        "name": importer_of(operation),
        "file": original_file_name(operation) or operation.public_id,
        "badge": badge_of(operation),
        "started_by": started_by(operation),
        "updated": format_time(operation.updated_at),
        "duration": duration(operation),
        "progress": progress_bar(operation) if operation.count_total else "",
        "error": operation.error_message,
    }


def _expiring_tokens() -> list[dict[str, Any]]:
    soon = timezone.now() + timedelta(days=_DAYS)
    tokens = AuthToken.objects.expiring_before(soon).select_related("user")[:_ROWS]
    return [
        {
            "href": reverse("admin:accounts_authtoken_change", args=[token.pk]),
            "name": str(token),
            "owner": str(token.user),
            "expires": format_time(token.expires_at),
            "left": days_until(token.expires_at),
        }
        for token in tokens
        if token.expires_at
    ]


def _list(**query: str) -> str:
    path = reverse("admin:imports_app_importoperation_changelist")
    return f"{path}?{urlencode(query)}"
