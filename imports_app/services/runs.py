"""Preparing, starting and repeating imports."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Final

from django.db import transaction
from django.utils import timezone

from imports_app import tasks
from imports_app.engine.lease import DURATION
from imports_app.engine.run_start import begin_run
from imports_app.errors import (
    ImporterNotDefinedError,
    NothingLeftError,
    NothingToRetryError,
    OperationRunningError,
    OperationUnusableError,
    OperationUnusableStatusError,
)
from imports_app.importers.reading_options import ReadingOptions
from imports_app.importers.registry import find_importer
from imports_app.models import MAX_TRIAL_MESSAGES, ImportOperation, ImportRecord
from imports_app.selection.rules import Selection
from imports_app.services.confirmations import confirm_import_ids
from imports_app.services.downloads import start_pending
from imports_app.services.operations import create_operation
from imports_app.services.review.decisions import copy_decisions
from imports_app.services.review.linked_files import refuse_during_download
from imports_app.services.review.plans import check_plan
from imports_app.services.uploading.uploads import start_with_file
from imports_app.statuses import FINISHED, Status
from imports_app.transitions import Actor, move_operation
from imports_app.uploads.storage import link_file

_LONGEST_NUMBER: Final = 9


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


def start_run(
    *,
    operation: ImportOperation,
    selection: Selection,
    actor: Actor,
    fails_existing: bool = False,
    confirm: Collection[str] = (),
    plan_digest: str = "",
    trial_messages: int | None = None,
) -> None:
    """Enqueue importing the selected records (wire-api.md 2.5).

    Args:
        operation: The operation to run.
        selection: The records to import.
        actor: Who starts the run.
        fails_existing: Fail existing users instead of updating them.
        confirm: First import IDs of user records whose match with a privileged user
            the actor confirms.
        plan_digest: Digest of the plan that the run must have; empty if it may differ.
        trial_messages: Import only this number of messages of each room, the first
            ones (1 to `MAX_TRIAL_MESSAGES`); `None` imports all.

    Raises:
        OperationUnusableError: The operation is no longer valid.
        OperationUnusableStatusError: The operation is not ready to import.
        PrivilegedMatchNotFoundError: A record to confirm matches no privileged user.
        ConfirmationForbiddenError: The actor may not edit such a user.
        PlanChangedError: The import would have other effects than the plan.
        FilesDownloadingError: The linked files are being downloaded.
    """
    if not operation.is_valid:
        raise OperationUnusableError
    if plan_digest and not confirm and operation.status == Status.USER_SELECTION:
        check_plan(
            operation=operation,
            selection=selection,
            initiator=actor.public_id,
            digest=plan_digest,
            fails_existing=fails_existing,
        )
    _start(
        operation=operation,
        selection=selection,
        actor=actor,
        confirm=confirm,
        fails_existing=fails_existing,
        plan_digest=plan_digest,
        trial_messages=trial_messages,
    )


@transaction.atomic
def _start(
    *,
    operation: ImportOperation,
    selection: Selection,
    actor: Actor,
    confirm: Collection[str],
    fails_existing: bool,
    plan_digest: str,
    trial_messages: int | None,
) -> None:
    refuse_during_download(operation)
    if confirm:
        selection = confirm_import_ids(
            operation=operation, selection=selection, import_ids=confirm, actor=actor
        )
    if not begin_run(
        operation=operation,
        selection=selection,
        actor=actor,
        fails_existing=fails_existing,
        plan_digest=plan_digest,
        trial_messages=trial_messages,
    ):
        raise OperationUnusableStatusError
    tasks.enqueue(operation)


def parse_trial_messages(text: str) -> int | None:
    """Return the number of messages of each room in a trial run; `None` if invalid."""
    if not text.isascii() or not text.isdigit() or len(text) > _LONGEST_NUMBER:
        return None
    number = int(text)
    return number if 1 <= number <= MAX_TRIAL_MESSAGES else None


def has_rest(operation: ImportOperation) -> bool:
    """Return whether a run of the operation's file left unprocessed records.

    Such a run was a trial run, or ended early.
    """
    is_complete = operation.status == Status.DONE and not operation.is_trial
    return (
        not is_complete
        and not operation.is_in_progress
        and operation.run_started_at is not None
        and bool(operation.file_name)
        and operation.kind_counts.filter(unprocessed__gt=0).exists()
    )


def import_rest(
    *,
    operation: ImportOperation,
    actor: Actor,
    may_replace: Collection[int] | None = None,
) -> ImportOperation:
    """Import the rest of a trial run or of a run that ended early, in a new operation.

    The file is read again with the same options, and imported with the same selection
    and decisions.
    Records that are in the workspace already count as unchanged.

    Args:
        operation: The trial run, or the operation that was cancelled, replaced or
            failed.
        actor: Who imports the rest.
        may_replace: As for `create_operation`.

    Raises:
        NothingLeftError: All records were processed, or the run has not started.
        ImporterNotDefinedError: The importer no longer exists.
        FileGoneError: The file is no longer stored.
        StorageFullError: The file can't be stored.
        StorageUnavailableError: The shared storage is unavailable.
        UploadQuotaError: The user's upload quota is exceeded.
        OperationInProgressError: Another import is active.
    """
    if not has_rest(operation):
        raise NothingLeftError
    child = start_with_file(
        actor=actor,
        importer_key=operation.importer_key,
        file_name=operation.original_file_name,
        content_type=operation.content_type,
        received=link_file(operation),
        may_replace=may_replace,
        sent_by=operation.sent_by,
        options=ReadingOptions.from_json(operation.reading_options),
        claim=partial(copy_decisions, operation),
        rest_of=operation,
    )
    start_preparing(operation=child, actor=actor)
    return child


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
    if not ImportRecord.objects.retryable(operation.pk).exists():
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
