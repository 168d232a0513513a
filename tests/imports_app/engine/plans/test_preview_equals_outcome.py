"""What the preview says is what the run does, record by record and in total.

`PREVIEW_EXAMPLES` sets the number of random examples.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from accounts.models import User
from imports_app.engine import jobs
from imports_app.engine.plans import pages
from imports_app.engine.plans.computation import PlanInput, compute_plan
from imports_app.engine.run_start import begin_run
from imports_app.importers.registry import find_importer
from imports_app.models import (
    COMPLETED,
    Effect,
    ImportOperation,
    ImportPlan,
    ImportRecord,
    KindCount,
    PlannedMessages,
    PlannedRecord,
)
from imports_app.records import Kind
from imports_app.transitions import Actor
from tests.imports_app.engine.converting import stage
from tests.imports_app.engine.plans.sources import (
    Source,
    create_workspace,
    name_of,
    sources,
)

OUTCOMES = ("imported", "updated", "unchanged", "skipped", "failed")


class _UndoError(Exception):
    """Ends the transaction of an example."""


def plan(operation: ImportOperation, source: Source, initiator: User) -> ImportPlan:
    importer = find_importer(operation.importer_key)
    assert importer is not None
    new = ImportPlan.objects.create(operation=operation, starter=initiator.public_id)
    compute_plan(
        new,
        PlanInput(
            operation,
            importer,
            source.selection,
            initiator.public_id,
            source.fails_existing,
        ),
        jobs.no_op,
    )
    return new


def expected(planned: PlannedRecord) -> tuple[Any, ...]:
    return (
        *(planned.outcome, planned.code, planned.message),
        planned.target_name,
    )


def actual(record: ImportRecord) -> tuple[Any, ...]:
    return (
        *(record.outcome, record.code, record.message),
        name_of(record.kind, record.target_id),
    )


def check(source: Source, initiator: User) -> None:
    """Plan and run an import, and compare."""
    create_workspace(source)
    operation = stage(initiator, *source.records, importer=source.importer)
    before = plan(operation, source, initiator)
    again = plan(operation, source, initiator)
    assert before.digest == again.digest
    planned = {one.record_id: one for one in PlannedRecord.objects.of_plan(before.pk)}

    begin_run(
        operation=operation,
        selection=source.selection,
        actor=Actor(initiator),
        fails_existing=source.fails_existing,
    )
    jobs.run(operation.pk)

    records = ImportRecord.objects.filter(operation=operation)
    rows = records.filter(kind__in=(Kind.USER, Kind.CHANNEL))
    assert {row.pk: actual(row) for row in rows} == {
        pk: expected(one) for pk, one in planned.items()
    }
    first: dict[tuple[str, int], int] = {}
    for row in rows.order_by("pk"):
        one = planned[row.pk]
        if row.target_id is None:
            continue
        assert one.target_id in (None, row.target_id)
        earlier = first.setdefault((row.kind, row.target_id), row.pk)
        assert one.merged_with == (earlier if earlier != row.pk else None)
        assert (one.effect == Effect.MERGE) == (earlier != row.pk)
    failed = Counter(
        (row.data["room"], row.code)
        for row in records.filter(kind=Kind.MESSAGE, is_unreadable=False)
    )
    messages = PlannedMessages.objects.of_plan(before.pk).exclude(room="")
    assert failed == Counter(
        {
            (one.room, one.code): one.messages
            for one in messages.filter(effect=Effect.FAIL)
        }
    )
    for count in KindCount.objects.filter(operation=operation):
        outcomes = before.totals["outcomes"].get(count.kind, {})
        found = {
            name: getattr(count, name) for name in OUTCOMES if getattr(count, name)
        }
        if count.kind == Kind.MESSAGE:
            done = sum(found.pop(name, 0) for name in COMPLETED)
            found |= {"completed": done} if done else {}
        assert found == {name: number for name, number in outcomes.items() if number}


@pytest.mark.django_db
@settings(
    max_examples=int(os.environ.get("PREVIEW_EXAMPLES", "25")),
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(source=sources())
def test_preview_equals_outcome(
    admin_user: User, monkeypatch: pytest.MonkeyPatch, source: Source
) -> None:
    monkeypatch.setattr(pages, "PAGE", source.page)
    try:
        with transaction.atomic():
            check(source, admin_user)
            raise _UndoError
    except _UndoError:
        pass
