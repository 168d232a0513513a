"""Lookup of the selected records of a page."""

from __future__ import annotations

from collections.abc import Sequence

from imports_app.engine.outcomes import StagedRecord
from imports_app.records import Kind
from imports_app.selection.query import filter_selected, selectable_records
from imports_app.selection.rules import Selection


def selected_ids(
    page: Sequence[StagedRecord], *, operation_id: int, kind: Kind, selection: Selection
) -> set[int]:
    """Return the keys of the selected records. One query if there are rules.

    Direct rooms are selected together and not included.
    """
    selected = selection.of(kind)
    if not selected.rules:
        return {staged.pk for staged in page if selected.includes(staged.import_id)}
    rows = selectable_records(operation_id, kind).filter(
        pk__in=[one.pk for one in page]
    )
    return set(filter_selected(rows, kind, selected).values_list("pk", flat=True))
