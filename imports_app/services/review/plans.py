"""Previews of an import, and starts that are bound to one."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import OperationalError
from django.utils import timezone

from imports_app import tasks
from imports_app.engine.plans.computation import PlanReplacedError, compute_plan
from imports_app.engine.plans.digests import basis_of
from imports_app.engine.plans.dry_run import PlanInput
from imports_app.engine.plans.jobs import describe_change, new_plan
from imports_app.errors import (
    ImporterNotDefinedError,
    OperationUnusableStatusError,
    PlanChangedError,
)
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation, ImportPlan
from imports_app.selection.rules import Selection
from imports_app.services.review.time_limits import (
    TooSlowError,
    is_small,
    time_limit,
)
from imports_app.services.selection import get_selection
from imports_app.statuses import Status

_KEPT: Final = timedelta(seconds=10)
"""Maximum age of a small plan that is reused, although the workspace may change."""
_STALLED: Final = timedelta(seconds=60)


def get_plan(
    *, operation: ImportOperation, initiator: str, is_new: bool = False
) -> ImportPlan:
    """Return the plan of the stored selection, complete or being computed.

    Args:
        operation: The import; it is ready to import.
        initiator: Public ID of the user who would start it.
        is_new: Compute it again, because the workspace may have changed.

    Raises:
        OperationUnusableStatusError: The operation is no longer ready to import.
        ImporterNotDefinedError: The importer no longer exists.
    """
    if not operation.is_valid or operation.status != Status.USER_SELECTION:
        raise OperationUnusableStatusError
    source = _source(operation, get_selection(operation), initiator)
    latest = ImportPlan.objects.latest_of(operation.pk)
    if latest is not None and not is_new and _is_current(latest, source):
        return latest
    plan = new_plan(source)
    if not _compute_at_once(plan, source):
        tasks.enqueue_plan(plan)
    return ImportPlan.objects.latest_of(operation.pk) or plan


def check_plan(
    *,
    operation: ImportOperation,
    selection: Selection,
    initiator: str,
    digest: str,
    fails_existing: bool,
) -> None:
    """Refuse a start whose plan differs from the current effects of a run.

    The plan of a large import is checked by the worker, before the run writes anything.

    Raises:
        PlanChangedError: The import would have other effects than the plan.
    """
    plans = ImportPlan.objects.filter(operation=operation)
    if not plans.filter(digest=digest).exists():
        raise PlanChangedError
    source = _source(operation, selection, initiator, fails_existing=fails_existing)
    plan = new_plan(source)
    if _compute_at_once(plan, source) and plan.digest != digest:
        raise PlanChangedError(describe_change(plan, digest))


def _source(
    operation: ImportOperation,
    selection: Selection,
    initiator: str,
    *,
    fails_existing: bool = False,
) -> PlanInput:
    importer = find_importer(operation.importer_key)
    if importer is None:
        raise ImporterNotDefinedError.of(operation.importer_key, "plan")
    return PlanInput(operation, importer, selection, initiator, fails_existing)


def _is_current(plan: ImportPlan, source: PlanInput) -> bool:
    """Return whether a plan is complete or progresses, and has this input."""
    if plan.basis != basis_of(source.operation.pk, source.selection):
        return False
    now = timezone.now()
    if not plan.is_complete:
        is_alive = plan.heartbeat_at > now - _STALLED
        return is_alive and plan.starter == source.initiator
    is_old = plan.finished_at is not None and plan.finished_at < now - _KEPT
    if is_old and is_small(source.operation):
        return False
    return plan.starter == source.initiator or not plan.depends_on_starter


def _compute_at_once(plan: ImportPlan, source: PlanInput) -> bool:
    """Compute a small plan within the request; return whether that was possible.

    If not, a worker starts the computation from the beginning.
    """
    if not is_small(source.operation):
        return False
    try:
        compute_plan(plan, source, time_limit())
    except (TooSlowError, OperationalError, PlanReplacedError):
        return False
    return True
