"""Stage users that clients send through the API (wire-api.md 2.14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from accounts.models import Role
from imports_app.engine.staging import counter_increments, stage_records
from imports_app.errors import (
    InvalidRolesError,
    MissingUserDataError,
    OperationClosedError,
    OperationFinishedError,
    OperationNotInitializedError,
)
from imports_app.models import ImportOperation
from imports_app.records import SourceItem, UserRecord
from imports_app.statuses import State, Status
from imports_app.transitions import Actor, move_operation


@transaction.atomic
def add_users(*, users: Sequence[UserRecord], actor: Actor) -> None:
    """Stage users in the current operation, all or none.

    Raises:
        OperationNotInitializedError: There is no valid operation.
        OperationClosedError: The operation is loading or importing.
        OperationFinishedError: The operation has finished.
        MissingUserDataError: A user has no e-mail address or no import ID.
        InvalidRolesError: A role does not exist.
    """
    if not users:
        return
    operation = ImportOperation.objects.select_for_update().current()
    if operation is None or not operation.is_valid:
        raise OperationNotInitializedError
    if operation.state in (State.LOADING, State.IMPORTING):
        raise OperationClosedError
    if operation.state in (State.DONE, State.ERROR, State.CANCELED):
        raise OperationFinishedError
    if not all(any(user.emails) and any(user.import_ids) for user in users):
        raise MissingUserDataError
    named = {role for user in users for role in user.roles}
    if named - set(Role.objects.of_accounts().values_list("public_id", flat=True)):
        raise InvalidRolesError
    page = [SourceItem(replace(user, pushed_by=actor.public_id)) for user in users]
    move_operation(
        operation=operation,
        to=Status.USER_SELECTION,
        actor=actor,
        is_prepared=True,
        count_total=Coalesce(F("count_total"), 0) + len(page),
        **counter_increments(page),
    )
    stage_records(operation.pk, page)
