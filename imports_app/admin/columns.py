"""Display of operations in lists and pages: badge, progress bar, duration."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from config.admin.formatting import format_duration, format_number
from imports_app.models import ImportOperation, MirroredOperation
from imports_app.querysets.overall_status import OverallStatus
from imports_app.reports.importer_labels import importer_of
from imports_app.statuses import FINISHED

_STORED_NAME: Final = re.compile(r"^\d+_[0-9A-Za-z]{17}_")
_COLORS: Final = {
    OverallStatus.IN_PROGRESS: "info",
    OverallStatus.WAITING: "warning",
    OverallStatus.COMPLETED: "success",
    OverallStatus.WITH_FAILURES: "warning",
    OverallStatus.FAILED: "danger",
    OverallStatus.CANCELLED: "",
    OverallStatus.REPLACED: "",
    OverallStatus.PARTLY_UNDONE: "warning",
    OverallStatus.UNDONE: "",
}


def badge_of(operation: ImportOperation) -> str:
    """Return the overall status of an operation as a colored badge."""
    status = operation.overall_status
    return label_html(status.label, _COLORS[status])


def label_html(text: Any, color: str) -> str:
    """Return a label in a color, as in the theme's lists."""
    context = {"text": text, "type": color}
    return render_to_string("unfold/helpers/label.html", context)


def is_ended(operation: ImportOperation) -> bool:
    """Return whether it was cancelled or replaced before it finished."""
    return not operation.is_valid and operation.status not in FINISHED


def progress_bar(operation: ImportOperation | MirroredOperation) -> str:
    """Return a bar with the numbers of processed and failed records."""
    total = operation.count_total
    if not total:
        return "-"
    failed = min(operation.count_error or 0, total)
    done = min(operation.count_completed or 0, total - failed)
    text = _("%(processed)s of %(total)s") % {
        "processed": format_number(done + failed),
        "total": format_number(total),
    }
    failures = _("· %s failed") % format_number(failed) if failed else ""
    return format_html(
        '<div class="bar" role="progressbar" aria-valuemin="0" aria-valuemax="{}"'
        ' aria-valuenow="{}" aria-label="{}"><span class="bar-done"'
        ' style="width:{}%"></span><span class="bar-failed" style="width:{}%"></span>'
        '</div><div class="bar-text">{} <span class="bar-failures">{}</span></div>',
        *(total, done + failed, _("Processed records")),
        *(f"{100 * done / total:.2f}", _failed_width(failed, total)),
        *(text, failures),
    )


def _failed_width(failed: int, total: int) -> str:
    """Return a width in percent that makes a single failure visible."""
    return f"{max(100 * failed / total, 2):.2f}" if failed else "0"


def original_file_name(operation: ImportOperation | MirroredOperation) -> str:
    """Return the name of the uploaded file, or an empty string without a file.

    The stored name has the upload time and the user's ID as a prefix.
    """
    stored = operation.file_name
    return _STORED_NAME.sub("", stored) or stored


def operation_name(operation: ImportOperation) -> str:
    """Return the name of the uploaded file, else the importer's name with the ID."""
    return (
        original_file_name(operation)
        or f"{importer_of(operation)} {operation.public_id}"
    )


def file_cell(operation: ImportOperation | MirroredOperation) -> str:
    """Return the original file name, with the stored one as title, or the ID."""
    if not operation.file_name:
        return operation.public_id
    return format_html(
        '<span class="cut" title="{}">{}</span>',
        *(operation.file_name, original_file_name(operation)),
    )


def duration(operation: ImportOperation) -> str:
    """Return how long the operation took or has been running; empty while it waits.

    Time in which it waited for users is shown separately.
    """
    running, waiting = operation.running_time, operation.waiting_time
    if operation.is_running:
        elapsed = timezone.now() - operation.created_at if running is None else running
        return _("running for %s") % span_label(elapsed)
    if operation.finished_at is None:
        return ""
    if running is None or waiting is None:  # not recorded by an older release
        running, waiting = operation.finished_at - operation.created_at, timedelta()
    text = _("took %s") if operation.status in FINISHED else _("ended after %s")
    label = text % span_label(running)
    if waiting < timedelta(seconds=1):
        return label
    return _("%(took)s, waited %(waited)s") % {
        "took": label,
        "waited": span_label(waiting),
    }


def span_label(length: timedelta) -> str:
    """Return a length of time, never as `0 s`."""
    if length < timedelta(seconds=1):
        return _("less than a second")
    return format_duration(length)


def initiator_name(operation: ImportOperation) -> str:
    """Return the name of the user who started it, or the ID of a deleted user."""
    if operation.user is not None:
        return str(operation.user)
    if operation.user_id is None:
        return "-"
    return _("%s (deleted user)") % operation.user_id


def started_by(operation: ImportOperation) -> str:
    """Return who started the operation, as `by <user>`."""
    return _("by %s") % initiator_name(operation)
