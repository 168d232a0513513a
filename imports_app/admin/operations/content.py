"""Template context of an operation's page."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from accounts.permission_names import PermissionName
from config.admin.formatting import format_time
from imports_app.admin import columns
from imports_app.admin.comparison.links import compare_link
from imports_app.admin.exports.links import export_page_of
from imports_app.admin.linked_files.panel import download_of, files_panel
from imports_app.admin.links import records_of, step_of
from imports_app.admin.operations.details import details_of
from imports_app.admin.operations.guidance import GuidanceContext, guidance_for, is_over
from imports_app.admin.operations.outcome import (
    RecordGroup,
    created_by,
    failures_of,
    kept_of,
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
from imports_app.admin.operations.timeline import cancellation_of, entry_of
from imports_app.admin.reconciliation.completeness import completeness_of
from imports_app.admin.report.check_report import check_report
from imports_app.admin.undo.guidance import undo_note_for
from imports_app.health.progress import Progress, get_progress
from imports_app.models import ImportOperation, ImportRecord, MessageFile
from imports_app.querysets.overall_status import OverallStatus
from imports_app.reports.importer_labels import importer_of
from imports_app.services.runs import has_rest
from imports_app.transitions import REPLACED
from imports_app.uploads.storage import has_file

_PACE_RUNNING: Final = 1000
"""Polling interval of browsers in milliseconds while a worker is active."""
_PACE_WAITING: Final = 5000
"""Polling interval while the import waits for a user, who may act in another tab."""
_EVENTS: Final = 50
_CONTINUING: Final = frozenset(
    {
        *(OverallStatus.IN_PROGRESS, OverallStatus.WAITING),
        *(OverallStatus.COMPLETED, OverallStatus.WITH_FAILURES),
    }
)
"""Statuses of a later import that imports the rest, or has imported it."""


def content_of(request: HttpRequest, operation: ImportOperation) -> dict[str, Any]:
    """Return the context of the whole page and of its polled part."""
    progress = get_progress(operation)
    events = operation.events.all().newest(_EVENTS)
    failures = failures_of(operation) if _has_failures(progress) else []
    following = list(ImportOperation.objects.following(operation)[:_EVENTS])
    context = _guidance_context(operation, progress, failures, following)
    guidance = guidance_for(operation, context)
    percent = percent_of(operation, progress)
    name = columns.original_file_name(operation)
    importer = importer_of(operation)
    heading = f"{importer}: {name}" if name else importer
    is_in_progress = operation.is_running and percent is not None
    is_shown = operation.is_running or is_counted(operation)
    may_run = request.user.has_perm(PermissionName.RUN_IMPORT)
    return {
        "operation": operation,
        "heading": heading,
        "page_title": f"{percent}% · {heading}" if is_in_progress else heading,
        "site_title": settings.UNFOLD["SITE_TITLE"],
        "announcement": announcement(operation, progress),
        "pace": _pace(operation),
        "badge": columns.badge_of(operation),
        "steps": steps_of(operation, events),
        "started": format_time(operation.created_at),
        "initiator": columns.started_by(operation),
        "duration": columns.duration(operation),
        "successor": _successor(operation),
        "parent_name": _name_of(operation.parent),
        "rest_of_name": _name_of(operation.rest_of),
        "retries": [
            one for one in following if one.parent_id is not None and not one.is_undo
        ],
        "undos": [one for one in following if one.is_undo],
        "undo_note": undo_note_for(operation),
        "export_page": export_page_of(operation, request.user),
        "continuations": [one for one in following if one.rest_of_id is not None],
        "guidance": guidance,
        "completeness": completeness_of(operation, progress.kinds),
        "files": files_panel(operation, may_run=may_run),
        "reconciliation_page": step_of(operation, "reconciliation"),
        "buttons": [
            button.action_for(operation) for button in guidance.buttons if may_run
        ],
        "button_names": ", ".join(str(button.label) for button in guidance.buttons),
        "is_ended": columns.is_ended(operation),
        "is_over": is_over(operation),
        "cancellation": cancellation_of(operation, events),
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
        "kept": kept_of(operation),
        "removed_failures": is_over(operation)
        and not failures
        and _has_failures(progress),
        "created": created_by(request, operation, progress.kinds),
        "records_page": records_of(operation),
        "report": check_report(operation, may_import=may_run),
        "compare_page": compare_link(operation),
        "details": details_of(operation),
        "events": [entry_of(event) for event in events],
        "is_cancellable": may_run and not is_over(operation),
    }


def _name_of(operation: ImportOperation | None) -> str:
    return columns.operation_name(operation) if operation is not None else ""


def _successor(operation: ImportOperation) -> ImportOperation | None:
    """Return the newer import that replaced this one."""
    if operation.error_code != REPLACED.code:
        return None
    return (
        ImportOperation.objects.without_large_fields().started_after(operation).first()
    )


def _has_failures(progress: Progress) -> bool:
    return any(kind.failed for kind in progress.kinds)


def _guidance_context(
    operation: ImportOperation,
    progress: Progress,
    failures: list[RecordGroup],
    following: list[ImportOperation],
) -> GuidanceContext:
    imported = sum(kind.completed for kind in progress.kinds)
    is_run = operation.run_started_at is not None and bool(operation.file_name)
    unprocessed = sum(kind.unprocessed for kind in progress.kinds) if is_run else 0
    return GuidanceContext(
        is_stalled=progress.is_stalled,
        failed=sum(group.records for group in failures),
        retriable=sum(group.records - group.unreadable for group in failures),
        imported=imported,
        found=progress.staged,
        unprocessed=unprocessed,
        has_rest=bool(unprocessed and has_rest(operation) and has_file(operation)),
        is_continued=any(
            one.rest_of_id is not None and one.overall_status in _CONTINUING
            for one in following
        ),
        has_pending_files=bool(
            is_over(operation) and imported and MessageFile.objects.wanted().exists()
        ),
        has_pending_avatars=bool(
            is_over(operation)
            and imported
            and User.objects.with_pending_avatar().exists()
        ),
    )


def _pace(operation: ImportOperation) -> int:
    download = download_of(operation)
    if operation.is_running or (download is not None and download.is_running):
        return _PACE_RUNNING
    return 0 if is_over(operation) else _PACE_WAITING
