"""Computation of plans by a worker, and the check of a plan when a run starts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from django.db import transaction

from imports_app.engine.lease import Lease
from imports_app.engine.plans.computation import PlanReplacedError, compute_plan
from imports_app.engine.plans.digests import basis_of
from imports_app.engine.plans.dry_run import PlanInput
from imports_app.engine.retries import StoppedError, check_stop, retry_on_disconnect
from imports_app.importers.base import Importer
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation, ImportPlan, PlannedRecord
from imports_app.selection.rules import Selection, selection_of
from imports_app.statuses import Status
from imports_app.transitions import LEASE_ENDED, SERVER, move_operation

logger = logging.getLogger(__name__)

PLAN_CHANGED: Final = "importer-plan-changed"
"""Code of a refused start, because the plan has changed."""
_NAMES_SHOWN: Final = 5


def no_check() -> None:
    """Check nothing."""


@transaction.atomic
def new_plan(source: PlanInput) -> ImportPlan:
    """Create an empty plan; it replaces all but the newest complete one."""
    plans = ImportPlan.objects.filter(operation=source.operation)
    complete = ImportPlan.objects.complete_of(source.operation.pk)
    if complete is not None:
        plans.exclude(pk=complete.pk).delete()
    else:
        plans.delete()
    return plans.create(
        operation=source.operation,
        basis=basis_of(
            source.operation.pk,
            source.selection,
            fails_existing=source.fails_existing,
        ),
        starter=source.initiator,
    )


def compute_stored(plan_id: int) -> None:
    """Compute a plan of the stored selection, if it is still needed."""

    def attempt() -> None:
        plan = ImportPlan.objects.filter(pk=plan_id, digest="").first()
        if plan is None:
            return
        operation = ImportOperation.objects.get(pk=plan.operation_id)
        importer = find_importer(operation.importer_key)
        is_waiting = operation.is_valid and operation.status == Status.USER_SELECTION
        if importer is None or not is_waiting:
            plan.delete()
            return
        selection = selection_of(operation.selection)
        source = PlanInput(operation, importer, selection, plan.starter)
        _compute(plan, source, check_stop)

    try:
        retry_on_disconnect(attempt)
    except PlanReplacedError:
        logger.info("plan %s: replaced by a newer one", plan_id)
    except StoppedError:
        logger.info("plan %s: stopped", plan_id)


def _compute(plan: ImportPlan, source: PlanInput, check: Callable[[], None]) -> None:
    """Compute a plan from the beginning, also after an interruption."""
    PlannedRecord.objects.filter(plan=plan).delete()
    compute_plan(plan, source, check)


def recheck_plan(
    operation: ImportOperation, importer: type[Importer], lease: Lease
) -> bool:
    """Compare the confirmed plan with the current effects of a run.

    Returns:
        Whether the run may start. If not, nothing was imported, and the operation
        waits for its review again.

    Raises:
        LeaseLostError: The operation was cancelled or taken over.
        StoppedError: The process is shutting down.
    """
    source = PlanInput(
        operation,
        importer,
        Selection.from_json(operation.selection),
        operation.run_started_by,
        operation.fails_existing,
    )

    def check() -> None:
        lease.renew()
        lease.end_page()

    def attempt() -> ImportPlan:
        plan = new_plan(source)
        _compute(plan, source, check)
        return plan

    plan = retry_on_disconnect(attempt, check=lease.check)
    if plan.digest == operation.plan_digest:
        return True
    message = describe_change(plan, operation.plan_digest)
    retry_on_disconnect(partial(_refuse, operation, lease, message), check=lease.check)
    return False


@transaction.atomic
def _refuse(operation: ImportOperation, lease: Lease, message: str) -> None:
    lease.renew(
        **{"plan_digest": "", "trial_messages": None},
        **{"error_code": PLAN_CHANGED, "error_message": message},
    )
    move_operation(
        operation=operation, to=Status.USER_SELECTION, actor=SERVER, **LEASE_ENDED
    )


def describe_change(plan: ImportPlan, digest: str) -> str:
    """Return sentences that name the records whose outcome differs between two plans.

    Args:
        plan: The new plan.
        digest: Digest of the plan that was expected.
    """
    old = ImportPlan.objects.filter(operation=plan.operation_id, digest=digest).first()
    number, names = 0, ""
    if old is not None:
        changed = PlannedRecord.objects.of_plan(plan.pk).different_from(old.pk)
        number = changed.count()
        shown = [one.label for one in changed.select_related("record")[:_NAMES_SHOWN]]
        names = ", ".join(shown) + (", ..." if number > len(shown) else "")
    what = "The workspace or the selection has changed since the preview."
    if number:
        records = "1 record" if number == 1 else f"{number} records"
        what += f" The outcome would change for {records}: {names}."
    return f"{what} Nothing was imported. Review the new preview and start again."
