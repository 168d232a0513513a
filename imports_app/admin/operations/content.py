"""What the page of an operation shows, gathered for its templates."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest

from accounts.models import User
from accounts.permission_names import PermissionName
from config.admin.formatting import moment
from imports_app.admin import columns
from imports_app.admin.comparison.links import compare_link
from imports_app.admin.links import records_of
from imports_app.admin.operations.details import details_of
from imports_app.admin.operations.guidance import GuidanceContext, guidance_for, is_over
from imports_app.admin.operations.outcome import (
    Failures,
    failures_of,
    made_by,
    outcomes_of,
)
from imports_app.admin.operations.progress import (
    announcement,
    is_counted,
    numbers_of,
    percent_of,
    phases_of,
)
from imports_app.admin.operations.steps import steps_of
from imports_app.admin.operations.timeline import end_of, entry_of
from imports_app.admin.report.check_report import check_report
from imports_app.health.progress import Progress, progress_of
from imports_app.models import ImportOperation, ImportRecord, MessageFile
from imports_app.statuses import Status
from imports_app.transitions import REPLACED

_PACE_RUNNING: Final = 1000
"""Milliseconds until a browser asks again while the server is at work."""
_PACE_WAITING: Final = 5000
"""The same while people are to act: somebody may do so in another tab."""
_EVENTS: Final = 50


def content_of(request: HttpRequest, operation: ImportOperation) -> dict[str, Any]:
    """Return what the page shows, whole or anew."""
    progress = progress_of(operation)
    events = operation.events.all().newest(_EVENTS)
    failures = failures_of(operation) if _has_failures(progress) else []
    helped = guidance_for(operation, _facts(operation, progress, failures))
    percent = percent_of(operation, progress)
    name = columns.given_name(operation)
    heading = f"{operation.importer_name}: {name}" if name else operation.importer_name
    is_in_progress = operation.is_running and percent is not None
    is_shown = operation.is_running or is_counted(operation)
    may_run = request.user.has_perm(PermissionName.RUN_IMPORT)
    return {
        "operation": operation,
        "heading": heading,
        "page_title": f"{percent} % · {heading}" if is_in_progress else heading,
        "said": announcement(operation, progress),
        "pace": _pace(operation),
        "badge": columns.badge_of(operation),
        "steps": steps_of(operation, events),
        "started": moment(operation.created_at),
        "starter": columns.started_by(operation),
        "duration": columns.duration(operation),
        "successor": _successor(operation),
        "retries": list(operation.retries.order_by("id")[:_EVENTS]),
        "help": helped,
        "buttons": [one.on(operation) for one in helped.buttons if may_run],
        "button_names": ", ".join(str(one.label) for one in helped.buttons),
        "is_ended": columns.is_ended(operation),
        "end": end_of(operation, events),
        "phases": phases_of(operation, progress) if is_shown else [],
        "percent": percent,
        "is_counted": is_counted(operation),
        "numbers": numbers_of(operation, progress),
        "newest_failure": ImportRecord.objects.newest_failure(operation.pk)
        if failures
        else None,
        "outcomes": outcomes_of(operation, progress.kinds)
        if is_counted(operation)
        else [],
        "failures": failures,
        "removed_failures": is_over(operation)
        and not failures
        and _has_failures(progress),
        "made": made_by(request, operation, progress.kinds),
        "records_page": records_of(operation),
        "report": check_report(operation, may_import=may_run),
        "compare_page": compare_link(operation),
        "details": details_of(operation),
        "events": [entry_of(event) for event in events],
        "is_cancellable": may_run and not is_over(operation),
    }


def _successor(operation: ImportOperation) -> ImportOperation | None:
    """Return the import that took this one's place."""
    if operation.error_code != REPLACED.code:
        return None
    return (
        ImportOperation.objects.without_large_fields().started_after(operation).first()
    )


def _has_failures(progress: Progress) -> bool:
    return any(kind.failed for kind in progress.kinds)


def _facts(
    operation: ImportOperation, progress: Progress, failures: list[Failures]
) -> GuidanceContext:
    is_done = operation.status == Status.DONE
    came_in = sum(kind.imported + kind.updated for kind in progress.kinds)
    return GuidanceContext(
        is_stalled=progress.is_stalled,
        failed=sum(one.records for one in failures),
        came_in=came_in,
        found=progress.staged,
        wants_files=bool(is_done and came_in and MessageFile.objects.wanted().exists()),
        wants_pictures=bool(
            is_done and came_in and User.objects.with_pending_avatar().exists()
        ),
    )


def _pace(operation: ImportOperation) -> int:
    if operation.is_running:
        return _PACE_RUNNING
    return 0 if is_over(operation) else _PACE_WAITING
