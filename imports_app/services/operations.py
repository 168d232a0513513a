"""How operations come to be and move on; each change leaves an event."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from imports_app.models import ImportOperation, OperationEvent
from imports_app.statuses import Status, sources_of


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change: a user, perhaps by a token; nobody is the server itself."""

    user: User | None = None
    token_id: int | None = None


SERVER = Actor()


@transaction.atomic
def create_operation(
    *, actor: Actor, importer_key: str, importer_name: str
) -> ImportOperation:
    """Start an operation; every earlier one becomes invalid (wire-api.md 3.5).

    Args:
        actor: Who starts it; a user, not the server.
        importer_key: The wire's `importerKey`.
        importer_name: The wire's `type`.
    """
    invalidate_operations(actor=actor)
    operation = ImportOperation.objects.create(
        importer_key=importer_key, importer_name=importer_name, user=actor.user
    )
    _record(operation, actor=actor, from_status="")
    return operation


@transaction.atomic
def invalidate_operations(*, actor: Actor) -> int:
    """Make every valid operation invalid, and return how many there were."""
    operations = list(ImportOperation.objects.valid().select_for_update())
    pks = [operation.pk for operation in operations]
    changed = ImportOperation.objects.filter(pk__in=pks).change(is_valid=False)
    for operation in operations:
        operation.refresh_from_db()
        _record(operation, actor=actor, from_status=operation.status)
    return changed


@transaction.atomic
def move_operation(*, operation: ImportOperation, to: Status, actor: Actor) -> bool:
    """Move the operation on, if its present status allows it.

    Returns:
        Whether it moved; otherwise somebody else was first, or the move is not legal.
    """
    before = ImportOperation.objects.select_for_update().get(pk=operation.pk).status
    moved = ImportOperation.objects.move(
        operation.pk, to=to, allowed=sources_of(to) & {before}
    )
    if moved:
        operation.refresh_from_db()
        _record(operation, actor=actor, from_status=before)
    return moved


def _record(operation: ImportOperation, *, actor: Actor, from_status: str) -> None:
    OperationEvent.objects.create(
        operation=operation,
        created_at=operation.updated_at,
        actor=actor.user,
        token_id=actor.token_id,
        from_status=from_status,
        to_status=operation.status,
        is_valid=operation.is_valid,
        counters=operation.counters,
    )
