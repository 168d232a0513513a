"""How an operation is drawn: its badge, its bar, how long it took."""

from __future__ import annotations

import re
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.formatting import grouped, span
from imports_app.models import ImportOperation
from imports_app.statuses import FINISHED, IMPORTING, LOADING, Status
from imports_app.transitions import CANCELLED, REPLACED

_STORED_NAME: Final = re.compile(r"^\d+_[0-9A-Za-z]{17}_")
STATUS_COLOURS: Final = {
    **dict.fromkeys(LOADING | IMPORTING | {Status.NEW}, "info"),
    Status.USER_SELECTION: "warning",
    Status.DONE: "success",
    Status.FAILED: "danger",
    Status.CANCELLED: "",
}
_ENDINGS: Final = {
    CANCELLED.code: gettext_lazy("Cancelled"),
    REPLACED.code: gettext_lazy("Replaced"),
}
_ENDED: Final = gettext_lazy("Ended")


def badge_of(operation: ImportOperation) -> str:
    """Return where an operation stands as a coloured badge.

    What was ended before it was done keeps its status, which would say too much.
    """
    if is_ended(operation):
        return label_html(_ENDINGS.get(operation.error_code, _ENDED), "")
    return badge_html(Status(operation.status))


def badge_html(status: Status) -> str:
    """Return the status as a coloured badge."""
    return label_html(status.label, STATUS_COLOURS[status])


def label_html(text: Any, colour: str) -> str:
    """Return a word on a coloured ground, as unfold's lists have it."""
    context = {"text": text, "type": colour}
    return render_to_string("unfold/helpers/label.html", context)


def is_ended(operation: ImportOperation) -> bool:
    """Tell whether it was cancelled or replaced before it was done."""
    return not operation.is_valid and operation.status not in FINISHED


def progress_bar(operation: ImportOperation) -> str:
    """Draw how many records were tried, and how many of them failed."""
    total = operation.count_total
    if not total:
        return "-"
    failed = min(operation.count_error or 0, total)
    done = min(operation.count_completed or 0, total - failed)
    text = _("%(tried)s of %(total)s") % {
        "tried": grouped(done + failed),
        "total": grouped(total),
    }
    failures = _("· %s failed") % grouped(failed) if failed else ""
    return format_html(
        '<div class="bar" role="progressbar" aria-valuemin="0" aria-valuemax="{}"'
        ' aria-valuenow="{}" aria-label="{}"><span class="bar-done"'
        ' style="width:{}%"></span><span class="bar-failed" style="width:{}%"></span>'
        '</div><div class="bar-text">{} <span class="bar-failures">{}</span></div>',
        *(total, done + failed, _("Records tried")),
        *(f"{100 * done / total:.2f}", _visible(failed, total)),
        *(text, failures),
    )


def _visible(failed: int, total: int) -> str:
    """Return a width in percent; a single failure among a million still shows."""
    return f"{max(100 * failed / total, 2):.2f}" if failed else "0"


def given_name(operation: ImportOperation) -> str:
    """Return the file's name as somebody gave it; empty where there is no file.

    The stored name begins with a time and the starter's id.
    """
    stored = operation.file_name
    return _STORED_NAME.sub("", stored) or stored


def file_cell(operation: ImportOperation) -> str:
    """Return the file's name, or the id; the title has all of the stored name."""
    if not operation.file_name:
        return operation.public_id
    return format_html(
        '<span class="cut" title="{}">{}</span>',
        *(operation.file_name, given_name(operation)),
    )


def duration(operation: ImportOperation) -> str:
    """Say how long the operation took, or for how long it has been running."""
    if operation.is_running:
        return _("running for %s") % span(timezone.now() - operation.created_at)
    length = span(operation.updated_at - operation.created_at)
    return (_("took %s") if operation.status in FINISHED else _("after %s")) % length


def starter(operation: ImportOperation) -> str:
    """Return the starter's name, or the id if the account is gone."""
    if operation.user is not None:
        return str(operation.user)
    if operation.user_id is None:
        return "-"
    return _("%s (account deleted)") % operation.user_id


def started_by(operation: ImportOperation) -> str:
    """Say who started the operation."""
    return _("by %s") % starter(operation)
