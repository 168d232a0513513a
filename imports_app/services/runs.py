"""Preparing, starting and repeating imports."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from imports_app import tasks
from imports_app.engine.lease import DURATION
from imports_app.engine.run_start import begin_run
from imports_app.errors import (
    ImporterNotDefinedError,
    NothingToRetryError,
    OperationRunningError,
    OperationUnusableError,
    OperationUnusableStatusError,
)
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation, ImportRecord
from imports_app.selection.rules import Selection
from imports_app.services.confirmations import confirm_import_ids
from imports_app.services.downloads import start_pending
from imports_app.services.operations import create_operation
from imports_app.services.review.decisions import copy_decisions
from imports_app.statuses import FINISHED, Status
from imports_app.transitions import Actor, move_operation


@transaction.atomic
def start_preparing(*, operation: ImportOperation, actor: Actor) -> bool:
    """Enqueue preparing the operation's file.

    Returns:
        `False` if another request started it first.
    """
    moved = move_operation(
        operation=operation,
        to=Status.PREPARING_STARTED,
        actor=actor,
        lease_expires_at=timezone.now() + DURATION,
    )
    if moved:
        tasks.enqueue(operation)
    return moved


@transaction.atomic
def start_run(
    *,
    operation: ImportOperation,
    selection: Selection,
    actor: Actor,
    fails_existing: bool = False,
    confirm: Collection[str] = (),
) -> None:
    """Enqueue importing the selected records (wire-api.md 2.5).

    Args:
        operation: The operation to run.
        selection: The records to import.
        actor: Who starts the run.
        fails_existing: Fail existing users instead of updating them.
        confirm: First import IDs of user records whose match with a privileged user
            the actor confirms.

    Raises:
        OperationUnusableError: The operation is no longer valid.
        OperationUnusableStatusError: The operation is not ready to import.
        PrivilegedMatchNotFoundError: A record to confirm matches no privileged user.
        ConfirmationForbiddenError: The actor may not edit such a user.
    """
    if not operation.is_valid:
        raise OperationUnusableError
    if confirm:
        selection = confirm_import_ids(
            operation=operation, selection=selection, import_ids=confirm, actor=actor
        )
    if not begin_run(
        operation=operation,
        selection=selection,
        actor=actor,
        fails_existing=fails_existing,
    ):
        raise OperationUnusableStatusError
    tasks.enqueue(operation)


@transaction.atomic
def retry_operation(
    *,
    operation: ImportOperation,
    actor: Actor,
    may_replace: Collection[int] | None = None,
) -> ImportOperation:
    """Retry the failed records of an operation in a new operation.

    Args:
        operation: The operation with the failed records.
        actor: Who retries them.
        may_replace: As for `create_operation`.

    Raises:
        ImporterNotDefinedError: The importer no longer exists.
        OperationRunningError: The operation is not finished.
        NothingToRetryError: No failed record can be retried.
        OperationInProgressError: Another import is active.
    """
    importer = find_importer(operation.importer_key)
    if importer is None:
        raise ImporterNotDefinedError.of(operation.importer_key, "retryImportOperation")
    if operation.is_valid and operation.status not in FINISHED:
        raise OperationRunningError
    failed = ImportRecord.objects.failed(operation.pk)
    if not failed.filter(is_unreadable=False).exists():
        raise NothingToRetryError
    if importer.fetches is not None:
        return start_pending(
            importer=importer, actor=actor, parent=operation, may_replace=may_replace
        )[0]
    child = create_operation(
        actor=actor,
        importer_key=operation.importer_key,
        importer_name=operation.importer_name,
        parent=operation,
        may_replace=may_replace,
    )
    copy_decisions(operation, child)
    start_preparing(operation=child, actor=actor)
    return child
