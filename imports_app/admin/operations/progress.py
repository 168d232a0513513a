"""How far an operation is: a bar for each phase, the speed, the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from config.admin.formatting import ago, grouped, moment, span
from imports_app.admin.labels import plural
from imports_app.health.progress import Progress
from imports_app.models import ImportOperation, KindCount
from imports_app.records import Kind
from imports_app.statuses import FINISHED, IMPORTING, PREPARING, Status

_ORDER: Final = list(Kind)
_KIND_OF: Final = {
    Status.IMPORTING_STARTED: 0,
    Status.IMPORTING_USERS: _ORDER.index(Kind.USER),
    Status.IMPORTING_CONTACTS: _ORDER.index(Kind.CONTACT),
    Status.IMPORTING_CHANNELS: _ORDER.index(Kind.CHANNEL),
    Status.IMPORTING_MESSAGES: _ORDER.index(Kind.MESSAGE),
    Status.IMPORTING_FILES: _ORDER.index(Kind.FILE),
}
_LEAST_VISIBLE: Final = 2
"""Percent; a single failure among a million still shows."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One kind of records, and how many of them were tried."""

    name: Any
    text: str
    staged: int
    tried: int
    done: str
    """Width of the bar's green part in percent."""
    skipped: str
    failed: str


def phases_of(operation: ImportOperation, progress: Progress) -> list[Phase]:
    """Return a phase for each kind that was found, in the order of the run."""
    return [_phase(operation, count) for count in in_order(progress.kinds)]


def in_order(kinds: Sequence[KindCount]) -> list[KindCount]:
    """Return the counts in the order in which a run goes through the kinds."""
    return sorted(kinds, key=lambda count: _ORDER.index(Kind(count.kind)))


def tried(count: KindCount) -> int:
    """Return how many records of a kind have an outcome."""
    return count.imported + count.updated + count.skipped + count.failed


def percent_of(operation: ImportOperation, progress: Progress) -> int | None:
    """Return how much of a run is done; `None` where nobody can tell."""
    if operation.status == Status.DONE:
        return 100
    if not operation.is_running or operation.status not in IMPORTING:
        return None
    if not progress.staged:
        return None
    return min(99, 100 * progress.tried // progress.staged)


def announcement(operation: ImportOperation, progress: Progress) -> str:
    """Say where it is, in words that change with each phase and each tenth."""
    status = Status(operation.status).label
    if not operation.is_running:
        return str(status)
    if progress.is_stalled:
        return _("%s: stalled") % status
    percent = percent_of(operation, progress)
    if percent is None:
        return str(status)
    return _("%(status)s: %(percent)d %%") % {
        "status": status,
        "percent": percent // 10 * 10,
    }


def is_counted(operation: ImportOperation) -> bool:
    """Tell whether records were tried, so that bars have something to show."""
    return operation.status in IMPORTING | FINISHED


def is_cut_short(operation: ImportOperation) -> bool:
    """Tell whether a run ended before every record was tried.

    What was not tried counts as skipped then, which is no progress.
    """
    if operation.status == Status.DONE or not is_counted(operation):
        return False
    return operation.status == Status.FAILED or not operation.is_valid


def numbers_of(operation: ImportOperation, progress: Progress) -> list[tuple[str, str]]:
    """Return totals, speed, likely end and last sign of life, by their names."""
    numbers = []
    speed = progress.records_per_second
    total = grouped(progress.staged)
    if is_cut_short(operation):
        came_in = sum(kind.imported + kind.updated for kind in progress.kinds)
        numbers.append((_("Came in"), _of(came_in, total)))
    elif is_counted(operation) and progress.staged:
        numbers.append((_("Records"), _of(progress.tried, total)))
        if speed is not None:
            numbers.append((_("Records per second"), grouped(round(speed))))
    if not operation.is_running:
        return numbers
    if progress.ends_at is not None and not progress.is_stalled:
        numbers.append((_("Done in about"), _until(progress.ends_at)))
    if operation.heartbeat_at is not None:
        numbers.append((_("Last sign of life"), ago(operation.heartbeat_at)))
    return numbers


def _until(value: datetime) -> str:
    """Return how long it is until a moment, and when that is."""
    left = span(value - timezone.now())
    return format_html('{} <span class="note">{}</span>', left, moment(value))


def _phase(operation: ImportOperation, count: KindCount) -> Phase:
    total = count.staged
    done = count.imported + count.updated
    skipped = 0 if is_cut_short(operation) else count.skipped
    return Phase(
        name=plural(count.kind),
        text=_text(operation, count),
        staged=total,
        tried=done + skipped + count.failed,
        done=_width(done, total),
        skipped=_width(skipped, total),
        failed=_width(count.failed, total, at_least=_LEAST_VISIBLE),
    )


def _text(operation: ImportOperation, count: KindCount) -> str:
    total = grouped(count.staged)
    status = Status(operation.status)
    if operation.is_running and status in PREPARING:
        return _("%s read so far") % total
    if not is_counted(operation):
        return _("%s found") % total
    if is_cut_short(operation):
        return _("%s came in") % _of(count.imported + count.updated, total)
    is_ahead = _ORDER.index(Kind(count.kind)) > _KIND_OF.get(status, len(_ORDER))
    if operation.is_running and is_ahead:
        return _("waiting, %s found") % total
    text = _of(tried(count), total)
    return _("done, %s") % text if tried(count) == count.staged else text


def _of(part: int, total: str) -> str:
    return _("%(part)s of %(total)s") % {"part": grouped(part), "total": total}


def _width(part: int, total: int, *, at_least: int = 0) -> str:
    """Return a share in percent, as a style sheet wants it in any language."""
    if not part:
        return "0"
    return f"{max(100 * part / total, at_least):.2f}"
