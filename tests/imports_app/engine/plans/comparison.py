"""Comparison of a preview with the run of the import."""

from __future__ import annotations

from collections import Counter
from typing import Any

from accounts.models import User
from imports_app.engine import jobs
from imports_app.engine.plans.computation import compute_plan
from imports_app.engine.plans.dry_run import PlanInput
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
    Room,
)
from imports_app.records import Kind
from imports_app.selection.rules import Selection
from imports_app.statuses import Status
from imports_app.transitions import Actor

OUTCOMES = ("imported", "updated", "unchanged", "skipped", "failed")


def run_as_planned(
    operation: ImportOperation,
    initiator: User,
    selection: Selection,
    *,
    fails_existing: bool = False,
) -> None:
    """Preview and run an import, and compare them record by record and in total."""
    importer = find_importer(operation.importer_key)
    assert importer is not None
    source = PlanInput(
        operation, importer, selection, initiator.public_id, fails_existing
    )
    plan = _plan(source)
    begin_run(
        operation=operation,
        selection=selection,
        actor=Actor(initiator),
        fails_existing=fails_existing,
        plan_digest=plan.digest,  # the worker computes the plan again and compares
    )
    jobs.run(operation.pk)
    operation.refresh_from_db()
    assert operation.status == Status.DONE, operation.error_message

    _compare_records(plan, operation)
    _compare_messages(plan, operation)
    for count in KindCount.objects.filter(operation=operation):
        outcomes = plan.totals["outcomes"].get(count.kind, {})
        found = {
            name: getattr(count, name) for name in OUTCOMES if getattr(count, name)
        }
        if count.kind == Kind.MESSAGE:
            done = sum(found.pop(name, 0) for name in COMPLETED)
            found |= {"completed": done} if done else {}
        assert found == {name: number for name, number in outcomes.items() if number}


def _plan(source: PlanInput) -> ImportPlan:
    plan = ImportPlan.objects.create(
        operation=source.operation, starter=source.initiator
    )
    compute_plan(plan, source, jobs.no_op)
    return plan


def _compare_records(plan: ImportPlan, operation: ImportOperation) -> None:
    planned = {one.record_id: one for one in PlannedRecord.objects.of_plan(plan.pk)}
    rows = list(
        ImportRecord.objects.filter(
            operation=operation, kind__in=(Kind.USER, Kind.CHANNEL)
        ).order_by("pk")
    )
    names = _names_of(rows)
    assert {row.pk: _actual(row, names) for row in rows} == {
        pk: _expected(one) for pk, one in planned.items()
    }
    first: dict[tuple[str, int], int] = {}
    for row in rows:
        one = planned[row.pk]
        if row.target_id is None:
            continue
        assert one.target_id in (None, row.target_id)
        earlier = first.setdefault((row.kind, row.target_id), row.pk)
        assert one.merged_with == (earlier if earlier != row.pk else None)
        assert (one.effect == Effect.MERGE) == (earlier != row.pk)


def _compare_messages(plan: ImportPlan, operation: ImportOperation) -> None:
    records = ImportRecord.objects.filter(
        operation=operation, kind=Kind.MESSAGE, is_unreadable=False, outcome="failed"
    )
    failed = Counter((row.data["room"], row.code) for row in records)
    messages = PlannedMessages.objects.of_plan(plan.pk).exclude(room="")
    assert failed == Counter(
        {
            (one.room, one.code): one.messages
            for one in messages.filter(effect=Effect.FAIL)
        }
    )


def _expected(planned: PlannedRecord) -> tuple[Any, ...]:
    return (
        *(planned.outcome, planned.code, planned.message),
        planned.target_name,
    )


def _actual(
    record: ImportRecord, names: dict[tuple[str, int | None], str]
) -> tuple[Any, ...]:
    return (
        *(record.outcome, record.code, record.message),
        names.get((record.kind, record.target_id), ""),
    )


def _names_of(rows: list[ImportRecord]) -> dict[tuple[str, int | None], str]:
    """Return the names of the users and rooms that a run wrote."""
    names: dict[tuple[str, int | None], str] = {}
    models: tuple[tuple[Kind, Any], ...] = ((Kind.USER, User), (Kind.CHANNEL, Room))
    for kind, model in models:
        keys = {row.target_id for row in rows if row.kind == kind}
        for pk, one in model.objects.in_bulk(keys - {None}).items():
            names[kind, pk] = str(one)[:255]
    return names
