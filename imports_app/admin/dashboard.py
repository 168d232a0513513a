"""What the admin's index shows, each panel to those who may see it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from accounts.models import AuthToken
from accounts.permission_names import PermissionName
from config.admin_cells import days_until, moment
from imports_app.admin.cells import badge_html, duration, progress_bar, started_by
from imports_app.models import ImportOperation
from imports_app.querysets.operations import DayCount
from imports_app.statuses import Status

_DAYS: Final = 30
_ROWS: Final = 5
_OUTCOMES: Final = (
    (gettext_lazy("Done"), frozenset({Status.DONE}), "#16a34a"),
    (gettext_lazy("Failed"), frozenset({Status.FAILED}), "#dc2626"),
    (gettext_lazy("Cancelled"), frozenset({Status.CANCELLED}), "#94a3b8"),
    (gettext_lazy("Unfinished"), None, "#3b82f6"),
)
_GREY: Final = "#8b95a5"  # readable on white and on black
_CHART_OPTIONS: Final = json.dumps(
    {
        "animation": False,
        "maintainAspectRatio": False,
        "interaction": {"mode": "index", "intersect": False},
        "plugins": {
            "legend": {
                "position": "bottom",
                "labels": {
                    "color": _GREY,
                    "usePointStyle": True,
                    "pointStyle": "circle",
                    "boxHeight": 7,
                },
            }
        },
        "scales": {
            "x": {
                "stacked": True,
                "grid": {"display": False},
                "ticks": {
                    "color": _GREY,
                    "maxRotation": 0,
                    "autoSkipPadding": 12,
                },
            },
            "y": {
                "stacked": True,
                "beginAtZero": True,
                "border": {"display": False},
                "ticks": {"color": _GREY, "precision": 0},
            },
        },
    }
)


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the panels to the index's context."""
    if request.user.has_perm(PermissionName.VIEW_IMPORT_OPERATIONS):
        context.update(_operations())
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
    counted = window.counted_by_day()
    return {
        "shows_operations": True,
        "is_empty": newest is None,
        "window": (first, last),
        "outcomes": _outcomes(counted, first, last),
        "chart": _chart(counted, last),
        "chart_options": _CHART_OPTIONS,
        "by_status": _by_status(everything.counted_by_status()),
        "running": [_row(row) for row in everything.running().with_starter()],
        "failures": [
            _row(row)
            for row in window.with_errors().with_starter().newest_first()[:_ROWS]
        ],
    }


def _window_end(newest: date | None) -> date:
    """Return today, or the day of the newest operation if all are older."""
    today = timezone.now().date()
    if newest is None or today - newest < timedelta(days=_DAYS):
        return today
    return newest


def _outcome_of(status: str) -> int:
    return next(
        index
        for index, (_label, group, _colour) in enumerate(_OUTCOMES)
        if group is None or status in group
    )


def _outcomes(
    counted: Iterable[DayCount], first: date, last: date
) -> list[dict[str, Any]]:
    """Sum the window up, each outcome with a link to its operations."""
    sums: Counter[int] = Counter()
    for row in counted:
        sums[_outcome_of(row.status)] += row.operations
    days = {"created_at_from": first.isoformat(), "created_at_to": last.isoformat()}
    return [
        {
            "label": label,
            "number": sums[index],
            "colour": colour,
            "href": _list(
                **days, **({"status__exact": next(iter(group))} if group else {})
            ),
        }
        for index, (label, group, colour) in enumerate(_OUTCOMES)
    ]


def _chart(counted: Iterable[DayCount], last: date) -> str:
    days = [last - timedelta(days=back) for back in reversed(range(_DAYS))]
    counts: Counter[tuple[date, int]] = Counter()
    for row in counted:
        counts[row.day, _outcome_of(row.status)] += row.operations
    return json.dumps(
        {
            "labels": [f"{day:%m-%d}" for day in days],
            "datasets": [
                {
                    "label": str(label),
                    "data": [counts[day, index] for day in days],
                    "backgroundColor": colour,
                    "stack": "operations",
                    "maxBarThickness": 18,
                }
                for index, (label, _group, colour) in enumerate(_OUTCOMES)
            ],
        }
    )


def _by_status(counted: dict[Status, int]) -> list[dict[str, Any]]:
    most = max(counted.values(), default=0)
    return [
        {
            "badge": badge_html(status),
            "number": number,
            "share": f"{100 * number / most:.1f}",
            "href": _list(status__exact=status),
        }
        for status, number in counted.items()
    ]


def _row(operation: ImportOperation) -> dict[str, Any]:
    return {
        "href": reverse(
            "admin:imports_app_importoperation_change", args=[operation.pk]
        ),
        "name": operation.importer_name,
        "file": operation.file_name or operation.public_id,
        "badge": badge_html(Status(operation.status)),
        "starter": started_by(operation),
        "updated": moment(operation.updated_at),
        "duration": duration(operation),
        "progress": progress_bar(operation) if operation.count_total else "",
        "trouble": operation.error_message,
    }


def _expiring_tokens() -> list[dict[str, Any]]:
    soon = timezone.now() + timedelta(days=_DAYS)
    tokens = AuthToken.objects.expiring_before(soon).select_related("user")[:_ROWS]
    return [
        {
            "href": reverse("admin:accounts_authtoken_change", args=[token.pk]),
            "name": str(token),
            "owner": str(token.user),
            "expires": moment(token.expires_at),
            "left": days_until(token.expires_at),
        }
        for token in tokens
        if token.expires_at
    ]


def _list(**query: str) -> str:
    path = reverse("admin:imports_app_importoperation_changelist")
    return f"{path}?{urlencode(query)}"
