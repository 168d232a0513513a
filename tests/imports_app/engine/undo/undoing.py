"""Undo of an import within a test."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import User
from imports_app.engine import jobs
from imports_app.engine.undo.preview import preview_undo
from imports_app.models import ImportOperation, KindCount
from imports_app.records import Kind
from imports_app.services.undo import start_undo
from imports_app.statuses import Status
from imports_app.transitions import Actor


def undo(
    operation: ImportOperation, by: User, run: Callable[[int], None] = jobs.run
) -> ImportOperation:
    """Undo an import; check that the preview tells the outcome."""
    expected = preview_undo(operation, Actor(by).author)
    operation.refresh_from_db()
    child = start_undo(operation=operation, actor=Actor(by))
    run(child.pk)
    child.refresh_from_db()
    operation.refresh_from_db()
    assert child.status == Status.DONE, child.error_message
    counts = KindCount.objects.filter(operation=child)
    counted = {
        Kind(count.kind): (count.imported, count.updated, count.skipped)
        for count in counts
    }
    assert counted == {
        kind: (
            expected.removed[kind],
            expected.restored[kind],
            expected.kept_by_kind[kind],
        )
        for kind in counted
    }
    for count in counts:
        assert count.staged == count.imported + count.updated + count.skipped
    return child
