"""What the admin's index shows, each panel to those who may see it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.models import AuthToken
from accounts.permission_names import PermissionName
from imports_app.models import ImportOperation
from imports_app.statuses import Status

_DAYS: Final = 30
_ROWS: Final = 5
_CHART_OPTIONS: Final = json.dumps(
    {
        "maintainAspectRatio": False,
        "plugins": {"legend": {"display": True, "position": "bottom"}},
        "scales": {
            "x": {"stacked": True, "grid": {"display": False}},
            "y": {"stacked": True, "beginAtZero": True, "ticks": {"precision": 0}},
        },
    }
)
_OUTCOMES: Final = (
    ("Done", {Status.DONE}, "#16a34a"),
    ("Failed or cancelled", {Status.FAILED, Status.CANCELLED}, "#dc2626"),
    ("Unfinished", None, "#3b82f6"),
)


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the panels to the index's context."""
    if request.user.has_perm(PermissionName.VIEW_IMPORT_OPERATIONS):
        context.update(_operations())
    if request.user.has_perm(PermissionName.ACCESS_PERMISSIONS):
        context["expiring"] = _expiring_tokens()
    return context


def _operations() -> dict[str, Any]:
    everything = ImportOperation.objects.all()
    newest = everything.order_by("-created_at").values_list("created_at", flat=True)[:1]
    last = _window_end(next(iter(newest), None))
    return {
        "shows_operations": True,
        "window": (last - timedelta(days=_DAYS - 1), last),
        "chart": _chart(everything, last),
        "chart_options": _CHART_OPTIONS,
        "by_status": {
            "headers": [_("Status"), _("Operations")],
            "rows": [
                [status.label, number]
                for status, number in everything.counted_by_status().items()
            ],
        },
        "running": _table(everything.running()),
        "failures": _table(everything.with_errors()),
    }


def _window_end(newest: Any) -> date:
    """Return today, or the day of the newest operation if all are older."""
    today = timezone.now().date()
    if newest is None or today - newest.date() < timedelta(days=_DAYS):
        return today
    last: date = newest.date()
    return last


def _chart(operations: Any, last: date) -> str:
    days = [last - timedelta(days=back) for back in reversed(range(_DAYS))]
    counts: Counter[tuple[date, str]] = Counter()
    named = {status for _label, group, _colour in _OUTCOMES for status in group or ()}
    for row in operations.started_between(days[0], last).counted_by_day():
        for label, group, _colour in _OUTCOMES:
            if row.status in group if group else row.status not in named:
                counts[row.day, label] += row.operations
    return json.dumps(
        {
            "labels": [f"{day:%d %b}" for day in days],
            "datasets": [
                {
                    "label": _(label),
                    "data": [counts[day, label] for day in days],
                    "backgroundColor": colour,
                    "stack": "operations",
                    "maxBarThickness": 18,
                }
                for label, _group, colour in _OUTCOMES
            ],
        }
    )


def _table(operations: Any) -> dict[str, Any]:
    rows = operations.with_starter().newest_first()[:_ROWS]
    return {
        "headers": [_("Operation"), _("Status"), _("Updated")],
        "rows": [
            [
                format_html(
                    '<a class="text-primary-600 dark:text-primary-500"'
                    ' href="{}">{}</a>',
                    reverse("admin:imports_app_importoperation_change", args=[row.pk]),
                    row,
                ),
                _status(row),
                f"{row.updated_at:%Y-%m-%d %H:%M} UTC",
            ]
            for row in rows
        ],
    }


def _status(operation: ImportOperation) -> str:
    status = Status(operation.status).label
    if not operation.count_error:
        return str(status)
    return _("%(status)s, %(failed)d records failed") % {
        "status": status,
        "failed": operation.count_error,
    }


def _expiring_tokens() -> dict[str, Any]:
    soon = timezone.now() + timedelta(days=_DAYS)
    tokens = AuthToken.objects.expiring_before(soon).select_related("user")[:_ROWS]
    return {
        "headers": [_("Owner"), _("Token"), _("Expires")],
        "rows": [
            [str(token.user), str(token), f"{token.expires_at:%Y-%m-%d %H:%M} UTC"]
            for token in tokens
        ],
    }
