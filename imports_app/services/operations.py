"""Create, cancel, clear and delete import operations."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import ActivityEntry
from accounts.services.activity import Author, ChangedState, record_changes
from config.db.clock import now_in_milliseconds
from config.db.ids import new_public_id
from imports_app import tasks
from imports_app.errors import OperationEndedError, OperationInProgressError
from imports_app.models import FileDownload, ImportOperation
from imports_app.statuses import FINISHED
from imports_app.transitions import (
    CANCELLED,
    REPLACED,
    Actor,
    EndReason,
    invalidate,
    record_event,
)


@transaction.atomic
def create_operation(
    *,
    actor: Actor,
    importer_key: str,
    importer_name: str,
    parent: ImportOperation | None = None,
    rest_of: ImportOperation | None = None,
    may_replace: Collection[int] | None = None,
    sent_by: str | None = None,
    public_id: str | None = None,
) -> ImportOperation:
    """Create an operation and invalidate every earlier one (wire-api.md 3.5).

    Args:
        actor: The initiator; a user, not the server.
        importer_key: The wire's `importerKey`.
        importer_name: The wire's `type`.
        parent: The operation whose failed records are retried.
        rest_of: The operation that ended early, and whose rest is imported.
        may_replace: Primary keys of active operations that may be replaced; `None`
            for any, as Rocket.Chat does.
        sent_by: Public ID of the file's uploader, if it is neither the actor nor
            the uploader of the parent's file.
        public_id: The public ID, if a file is already stored under it.

    Raises:
        OperationInProgressError: Another import is active.
    """
    earlier = list(ImportOperation.objects.valid())
    if may_replace is not None:
        for one in earlier:
            if one.is_in_progress and one.pk not in may_replace:
                raise OperationInProgressError.of(str(one))
    _end(earlier, actor=actor, reason=REPLACED)
    now = now_in_milliseconds()
    if sent_by is None:
        sent_by = parent.sent_by if parent else actor.public_id
    operation = ImportOperation.objects.create(
        created_at=now,
        updated_at=now,
        status_since=now,
        importer_key=importer_key,
        importer_name=importer_name,
        user=actor.user,
        parent=parent,
        rest_of=rest_of,
        sent_by=sent_by,
        public_id=public_id or new_public_id(),
    )
    record_event(operation, actor=actor, from_status="")
    return operation


@transaction.atomic
def clear_operations(*, actor: Actor, reason: EndReason = CANCELLED) -> int:
    """Invalidate every valid operation and return their number.

    A worker removes their unprocessed records in the background.
    """
    operations = list(ImportOperation.objects.valid())
    return _end(operations, actor=actor, reason=reason)


@transaction.atomic
def cancel_operation(*, operation: ImportOperation, actor: Actor) -> None:
    """Cancel an operation; records imported so far are kept.

    Raises:
        OperationEndedError: The operation has already finished.
    """
    if operation.status in FINISHED or not _end(
        [operation], actor=actor, reason=CANCELLED
    ):
        raise OperationEndedError
    operation.refresh_from_db()


@transaction.atomic
def delete_operations(*, operations: QuerySet[ImportOperation], by: Author) -> None:
    """Delete operations with their records and timelines."""
    changes = [
        ChangedState(
            ActivityEntry.Subject.IMPORT,
            str(operation),
            {"file": operation.file_name, "status": operation.status},
            None,
        )
        for operation in operations
    ]
    downloads = list(FileDownload.objects.filter(operation__in=operations))
    operations.delete()
    for download in downloads:
        tasks.enqueue_file_discard(download)
    record_changes(changes, by=by)


def _end(operations: list[ImportOperation], *, actor: Actor, reason: EndReason) -> int:
    ended = invalidate(operations=operations, actor=actor, reason=reason)
    for operation in operations:
        tasks.enqueue_discard(operation)
    return ended
