"""Whether all selected records are in the workspace, as a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from imports_app.admin.labels import count_label
from imports_app.admin.links import records_of
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation, KindCount, Outcome
from imports_app.reports.reconciliation import (
    Difference,
    KindLine,
    Reason,
    differences_of,
    is_reconciled,
    is_undone,
    lines_by_kind,
)
from imports_app.statuses import UndoState

_TEXTS: Final = {
    Reason.FAILED: gettext_lazy("%s failed"),
    Reason.NOT_PROCESSED: gettext_lazy("%s not processed"),
    Reason.TRIAL: gettext_lazy("%s not processed in the trial run"),
    Reason.REMOVED: gettext_lazy("%s deleted later"),
}


@dataclass(frozen=True, slots=True)
class Explained:
    """Difference as text, with a link to its records if they are stored."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """Whether all selected records are in the workspace, and which are not."""

    text: str
    is_complete: bool
    differences: list[Explained]


def can_reconcile(operation: ImportOperation) -> bool:
    """Return whether the operation has a reconciliation: an ended run of a source."""
    importer = find_importer(operation.importer_key)
    is_source = importer is None or importer.fetches is None
    return is_source and is_reconciled(operation)


def completeness_of(
    operation: ImportOperation,
    counts: Sequence[KindCount] | None = None,
    lines: Sequence[KindLine] | None = None,
) -> Completeness | None:
    """Return the completeness, or `None` if there is nothing to reconcile.

    Args:
        operation: The import.
        counts: Its counts, if they are loaded.
        lines: Its lines, if they are known.
    """
    if not can_reconcile(operation):
        return None
    if is_undone(operation):
        is_whole = operation.undo_state == UndoState.UNDONE
        text = _("This import was undone.")
        partly = _("This import was partly undone.")
        return Completeness(
            text if is_whole else partly, is_complete=False, differences=[]
        )
    if lines is None:
        lines = lines_by_kind(operation, counts)
    differences = differences_of(operation, lines)
    if not differences:
        return Completeness(
            _("All selected records are in the workspace."),
            is_complete=True,
            differences=[],
        )
    return Completeness(
        _("Some selected records are not in the workspace:"),
        is_complete=False,
        differences=[_explained(operation, one) for one in differences],
    )


def _explained(operation: ImportOperation, difference: Difference) -> Explained:
    text = str(_TEXTS[difference.reason]) % count_label(
        difference.kind, difference.records
    )
    if difference.reason is not Reason.FAILED:
        return Explained(text, "")
    filters = {"kind__exact": difference.kind.value, "outcome__exact": Outcome.FAILED}
    return Explained(text, records_of(operation, **filters))
