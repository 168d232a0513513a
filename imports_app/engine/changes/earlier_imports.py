"""Earlier imports of the same source."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet

from imports_app.models import ImportOperation, ImportRecord
from imports_app.querysets.operations import ImportOperationQuerySet
from imports_app.querysets.records import ImportRecordQuerySet
from imports_app.records import Kind

_MOST: Final = 50
"""Earlier imports that are considered, the newest first."""
_SAMPLE: Final = 500
"""Number of users, and of rooms, whose IDs are compared if a workspace is unknown."""
_KINDS: Final = (Kind.USER, Kind.CHANNEL)


def find_earlier_imports(operation: ImportOperation) -> list[ImportOperation]:
    """Return earlier imports of the same source that were not undone, newest first.

    The source is the same if importer and workspace are. If a workspace is unknown, at
    least half of the users and rooms in this file must be from the earlier import.
    """
    if not operation.file_name or operation.parent_id is not None:
        return []
    candidates = list(ImportOperation.objects.earlier_runs(operation)[:_MOST])
    unknown = [
        one.pk
        for one in candidates
        if not (one.workspace_id and operation.workspace_id)
    ]
    others = set(unknown) - _with_same_ids(operation, unknown)
    return [one for one in candidates if one.pk not in others]


def imports_of_other_sources(operation: ImportOperation) -> ImportOperationQuerySet:
    """Return the imports of other importers and other workspaces."""
    others = ImportOperation.objects.exclude(importer_key=operation.importer_key)
    if operation.workspace_id:
        same = ("", operation.workspace_id)
        others |= ImportOperation.objects.exclude(workspace_id__in=same)
    return others


def _with_same_ids(operation: ImportOperation, earlier: list[int]) -> set[int]:
    """Return the imports that contained at least half of the users and rooms."""
    if not earlier:
        return set()
    sample = {
        pair
        for kind in _KINDS
        for pair in _pairs(ImportRecord.objects.of_kind(operation.pk, kind))[:_SAMPLE]
    }
    brought = ImportRecord.objects.completed().filter(
        operation__in=earlier,
        kind__in=_KINDS,
        import_id__in=[import_id for _kind, import_id in sample],
    )
    known: dict[int, set[tuple[str, str]]] = {}
    for pk, *pair in brought.values_list("operation_id", "kind", "import_id"):
        known.setdefault(pk, set()).add((pair[0], pair[1]))
    return {pk for pk, pairs in known.items() if 2 * len(pairs & sample) >= len(sample)}


def _pairs(rows: ImportRecordQuerySet) -> QuerySet[ImportRecord, tuple[str, str]]:
    """Return kind and import ID of readable records."""
    return rows.filter(is_unreadable=False).values_list("kind", "import_id")
