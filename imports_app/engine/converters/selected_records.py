"""Which records of a page a selection takes in."""

from __future__ import annotations

from collections.abc import Sequence

from imports_app.engine.outcomes import StagedRecord
from imports_app.records import Kind
from imports_app.selection.query import candidates, filter_selected
from imports_app.selection.rules import Selection


def selected_ids(
    page: Sequence[StagedRecord], *, operation_id: int, kind: Kind, selection: Selection
) -> set[int]:
    """Return the keys of those that are to be imported. One query if there are rules.

    Direct rooms are not chosen one by one, and are not among them.
    """
    choice = selection.of(kind)
    if not choice.rules:
        return {staged.pk for staged in page if choice.names(staged.import_id)}
    rows = candidates(operation_id, kind).filter(pk__in=[one.pk for one in page])
    return set(filter_selected(rows, kind, choice).values_list("pk", flat=True))
