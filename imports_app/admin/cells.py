"""How an operation is drawn: its badge, its bar, how long it took."""

from __future__ import annotations

import re
from typing import Final

from django.contrib.admin.utils import label_for_field
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin_cells import grouped, span
from imports_app.models import ImportOperation
from imports_app.statuses import FINISHED, IMPORTING, LOADING, State, Status

_STORED_NAME: Final = re.compile(r"^\d+_[0-9A-Za-z]{17}_")
STATUS_COLOURS: Final = {
    **dict.fromkeys(LOADING | IMPORTING | {Status.NEW}, "info"),
    Status.USER_SELECTION: "warning",
    Status.DONE: "success",
    Status.FAILED: "danger",
    Status.CANCELLED: "",
}
_EXPLANATIONS: Final = {
    State.NEW: gettext_lazy("Waits for a file. Upload one to go on."),
    State.LOADING: gettext_lazy("The file is being taken in. Wait until it is read."),
    State.READY: gettext_lazy(
        "Waits for somebody to select what to import, and to start the import."
    ),
    State.IMPORTING: gettext_lazy("Runs now. The counters grow as records come in."),
    State.ERROR: gettext_lazy("Came to an end before it was done. Start a new import."),
    State.CANCELED: gettext_lazy("Somebody cancelled it. Start a new import."),
}
_OVERTAKEN: Final = gettext_lazy(
    "A later import took its place before it was done. Start a new import."
)


def badge_html(status: Status) -> str:
    """Return the status as a coloured badge."""
    return render_to_string(
        "unfold/helpers/label.html",
        {"text": status.label, "type": STATUS_COLOURS[status]},
    )


def explanation(operation: ImportOperation) -> str:
    """Say what the state means, and what to do next."""
    state = operation.state
    if state is State.DONE:
        if operation.count_error:
            return _("Every record was tried. Look at the failed ones.")
        return _("Every record was tried, and none failed. There is nothing to do.")
    if state is State.ERROR and operation.status not in FINISHED:
        return str(_OVERTAKEN)
    return str(_EXPLANATIONS[state])


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


def counters(operation: ImportOperation) -> str:
    """List what has been counted so far."""
    counted = format_html_join(
        "",
        "<div><dt>{}</dt><dd>{}</dd></div>",
        (
            (capfirst(_label(f"count_{name}")), grouped(count))
            for name, count in operation.counters.items()
        ),
    )
    if not counted:
        return _("Nothing has been counted yet.")
    return format_html('<dl class="counters">{}</dl>', counted)


def _label(field: str) -> str:
    return str(label_for_field(field, ImportOperation))


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
