"""Progress of an import: a bar for each kind of record, speed, estimated end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from config.admin.formatting import format_age, format_number, format_time
from imports_app.admin.columns import span_label
from imports_app.admin.labels import kind_label
from imports_app.health.progress import Progress
from imports_app.models import ImportOperation, KindCount
from imports_app.records import Kind
from imports_app.statuses import FINISHED, IMPORTING, PREPARING, Status

_RUN_ORDER: Final = list(Kind)
_PHASE_INDEX: Final = {
    Status.IMPORTING_STARTED: 0,
    Status.IMPORTING_USERS: _RUN_ORDER.index(Kind.USER),
    Status.IMPORTING_CONTACTS: _RUN_ORDER.index(Kind.CONTACT),
    Status.IMPORTING_CHANNELS: _RUN_ORDER.index(Kind.CHANNEL),
    Status.IMPORTING_MESSAGES: _RUN_ORDER.index(Kind.MESSAGE),
    Status.IMPORTING_FILES: _RUN_ORDER.index(Kind.FILE),
}
_LEAST_VISIBLE: Final = 2
"""Percent, so that one failure among a million records is visible."""


@dataclass(frozen=True, slots=True)
class Phase:
    """Progress bar of one kind of record."""

    name: Any
    text: str
    staged: int
    processed: int
    done: str
    """Width of the green part of the bar in percent."""
    skipped: str
    failed: str


def phases_of(operation: ImportOperation, progress: Progress) -> list[Phase]:
    """Return a phase for each kind in the source, in the order of the run."""
    return [_phase(operation, count) for count in sort_kinds(progress.kinds)]


def sort_kinds(kinds: Sequence[KindCount]) -> list[KindCount]:
    """Return the counts in the order in which a run imports the kinds."""
    return sorted(kinds, key=lambda count: _RUN_ORDER.index(Kind(count.kind)))


def percent_of(operation: ImportOperation, progress: Progress) -> int | None:
    """Return the progress of a run in percent, or `None` if it is not known."""
    if operation.status == Status.DONE:
        return 100
    if not operation.is_running or operation.status not in IMPORTING:
        return None
    if not progress.due:
        return None
    return min(99, 100 * progress.tried // progress.due)


def announcement(operation: ImportOperation, progress: Progress) -> str:
    """Return the text for screen readers, which changes every ten percent only."""
    status = Status(operation.status).label
    if not operation.is_running:
        return str(status)
    if progress.is_stalled:
        return _("%s: stalled") % status
    percent = percent_of(operation, progress)
    if percent is None:
        return str(status)
    return _("%(status)s: %(percent)d%%") % {
        "status": status,
        "percent": percent // 10 * 10,
    }


def is_counted(operation: ImportOperation) -> bool:
    """Return whether a run has started, so that there are outcomes to show."""
    return operation.status in IMPORTING | FINISHED


def is_stopped_early(operation: ImportOperation) -> bool:
    """Return whether a run ended before every record was processed."""
    if operation.status == Status.DONE or not is_counted(operation):
        return False
    return operation.status == Status.FAILED or not operation.is_valid


def numbers_of(operation: ImportOperation, progress: Progress) -> list[tuple[str, str]]:
    """Return labels and values: totals, speed, estimated end, workers."""
    numbers = []
    speed = progress.records_per_second
    total = format_number(progress.staged)
    if is_stopped_early(operation):
        imported = sum(kind.completed for kind in progress.kinds)
        numbers.append((_("Imported"), _part_of(imported, total)))
    elif is_counted(operation) and progress.staged:
        due = format_number(progress.due)
        numbers.append((_("Records"), _part_of(progress.tried, due)))
        if speed is not None:
            numbers.append((_("Records per second"), format_number(round(speed))))
    if not operation.is_running:
        return numbers
    if progress.ends_at is not None and not progress.is_stalled:
        numbers.append((_("Time left (estimate)"), _time_left(progress.ends_at)))
    if progress.worker_ages:
        numbers.append((_("Workers"), format_number(len(progress.worker_ages))))
    if operation.heartbeat_at is not None:
        numbers.append((_("Last heartbeat"), format_age(operation.heartbeat_at)))
    return numbers


def _time_left(value: datetime) -> str:
    """Return the time until the estimated end, and the end itself."""
    left = span_label(value - timezone.now())
    return format_html('{} <span class="note">{}</span>', left, format_time(value))


def _phase(operation: ImportOperation, count: KindCount) -> Phase:
    total = count.staged if is_stopped_early(operation) else count.due
    done = count.completed
    return Phase(
        name=kind_label(count.kind),
        text=_phase_text(operation, count),
        staged=total,
        processed=count.processed,
        done=_width(done, total),
        skipped=_width(count.skipped, total),
        failed=_width(count.failed, total, at_least=_LEAST_VISIBLE),
    )


def _phase_text(operation: ImportOperation, count: KindCount) -> str:
    total = format_number(count.staged)
    status = Status(operation.status)
    if operation.is_running and status in PREPARING:
        return _("%s read so far") % total
    if not is_counted(operation):
        return _("%s found") % total
    if is_stopped_early(operation):
        return _("%s imported") % _part_of(count.completed, total)
    is_ahead = _RUN_ORDER.index(Kind(count.kind)) > _PHASE_INDEX.get(
        status, len(_RUN_ORDER)
    )
    if operation.is_running and is_ahead:
        return _("waiting, %s found") % total
    text = _part_of(count.processed, format_number(count.due))
    return _("done, %s") % text if count.processed == count.due else text


def _part_of(part: int, total: str) -> str:
    return _("%(part)s of %(total)s") % {"part": format_number(part), "total": total}


def _width(part: int, total: int, *, at_least: int = 0) -> str:
    """Return a share in percent in CSS notation, independent of the language."""
    if not part:
        return "0"
    return f"{max(100 * part / total, at_least):.2f}"
