"""Correct records in place; the run or a retry uses the corrected values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from django.db import transaction

from accounts.auth.rights import rights_of
from accounts.models import ActivityEntry, Role
from accounts.services.activity import ChangedState, record_changes
from config.db.clock import now_in_milliseconds
from imports_app.engine.corrections.staged import (
    messages_part,
    original_of,
    restore_original,
    update_messages_part,
    write_corrected,
)
from imports_app.engine.matching.user_lookup import UserLookup
from imports_app.errors import (
    CorrectionChangedError,
    CorrectionForbiddenError,
    CorrectionInvalidError,
)
from imports_app.importers.registry import identifies_users_by_username
from imports_app.models import (
    Correction,
    Decision,
    ImportOperation,
    ImportRecord,
    OperationEvent,
)
from imports_app.records import Kind, MessageRecord, Record, UserRecord, data_of
from imports_app.selection.rules import selection_of
from imports_app.services.corrections.messages import may_open
from imports_app.services.corrections.records import (
    CorrectableRecord,
    can_correct,
    find_record,
    is_reviewed,
)
from imports_app.services.corrections.rows import CSV, is_direct_row, read_row
from imports_app.services.selection import write_selection
from imports_app.transitions import Actor

MAX_CORRECTIONS: Final = 5_000
"""Maximum number of corrections of an import."""


@transaction.atomic
def correct_record(
    *,
    operation: ImportOperation,
    key: str,
    cells: Sequence[str],
    revision: int,
    actor: Actor,
) -> CorrectableRecord:
    """Store corrected values of a record; they replace an earlier correction.

    Args:
        operation: The import of the record.
        key: The record's key (`CorrectableRecord.key`).
        cells: The corrected values, one for each column.
        revision: Revision of the correction that the actor has seen; 0 for none.
        actor: Who corrects the record.

    Returns:
        The corrected record.

    Raises:
        CorrectionInvalidError: The record can't be corrected, or a value is not valid.
        CorrectionChangedError: Another user changed the correction.
        CorrectionForbiddenError: The actor could not grant the roles of the user.
    """
    found = _locked(operation, key, revision, actor)
    operation, record = found.operation, found.record
    cells = list(cells)
    if len(cells) != len(found.columns):
        raise CorrectionInvalidError(
            f"The row has {len(cells)} values. It needs {len(found.columns)}:"
            f" {', '.join(found.columns)}."
        )
    if cells == found.cells:
        raise CorrectionInvalidError("Nothing was changed. Change at least one value.")
    if cells == found.original_cells:
        raise CorrectionInvalidError(
            "These are the original values. Remove the correction instead."
        )
    if found.correction is None:
        _check_correction_limit(operation)
    corrected = read_row(operation, found.original, cells)
    if isinstance(corrected, UserRecord):
        _ensure_may_change(corrected, actor)
        corrected = _with_unique_ids(found, corrected)
    elif isinstance(corrected, MessageRecord):
        _ensure_have_authors(found, corrected, cells)
    correction = _store(found, cells, corrected, actor)
    ImportOperation.objects.filter(pk=operation.pk).change()
    _record_event(operation, record, actor)
    return replace(found, correction=correction)


@transaction.atomic
def remove_correction(
    *, operation: ImportOperation, key: str, revision: int, actor: Actor
) -> None:
    """Remove the correction of a record, and restore its original values.

    Raises:
        CorrectionInvalidError: The record is not corrected, or its run has started.
        CorrectionChangedError: Another user changed the correction.
        CorrectionForbiddenError: The actor could not grant the roles of the user.
    """
    found = _locked(operation, key, revision, actor)
    operation, record, correction = found.operation, found.record, found.correction
    if correction is None:
        raise CorrectionInvalidError("The record has no correction.")
    if correction.original is not None:
        if not is_reviewed(operation):
            raise CorrectionInvalidError(
                "The run has used this correction. You can change it, but not remove"
                " it."
            )
        if record.kind == Kind.USER:
            _ensure_may_change(UserRecord(**_tuples(correction.data)), actor)
        _remove_confirmations(operation, record)
        name = _name_of(record)
        restore_original(record, correction)
        correction.delete()
        if correction.part is not None and correction.item is None:
            update_messages_part(operation.pk)
    else:
        name = _name_of(record)
        correction.delete()
    ImportOperation.objects.filter(pk=operation.pk).change()
    _record_event(operation, record, actor, name=name, is_removed=True)


def _tuples(data: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in data.items()
    }


def _locked(
    operation: ImportOperation, key: str, revision: int, actor: Actor
) -> CorrectableRecord:
    """Lock an operation, and return its record if it can be corrected now."""
    locked = ImportOperation.objects.select_for_update().get(pk=operation.pk)
    found = find_record(locked, key)
    if found is None or not can_correct(locked, found.record):
        raise CorrectionInvalidError(
            "This record can't be corrected now. Correct records during the review, or"
            " failed records after the run."
        )
    if not may_open(found, actor.user):
        raise CorrectionForbiddenError.of_message()
    if found.revision != revision:
        raise CorrectionChangedError
    return found


def _check_correction_limit(operation: ImportOperation) -> None:
    if Correction.objects.of_operation(operation.pk).count() >= MAX_CORRECTIONS:
        raise CorrectionInvalidError(
            f"An import can have {MAX_CORRECTIONS:,} corrections. Correct the source"
            " instead, and upload it again."
        )


def _store(
    found: CorrectableRecord, cells: list[str], corrected: Record, actor: Actor
) -> Correction:
    """Store a correction, and before the run also the corrected record."""
    operation, record = found.operation, found.record
    correction = found.correction or Correction(operation=operation, revision=0)
    if is_reviewed(operation):
        original: Any = correction.original or original_of(record)
        _remove_confirmations(operation, record)
        write_corrected(record, corrected)
        correction.original = original
        if found.place is not None:
            correction.part, correction.item = found.place
        elif record.kind == Kind.MESSAGE:
            correction.part = messages_part(operation.pk)
    correction.record_id = record.pk
    correction.cells = cells
    correction.data = data_of(corrected)
    correction.revision += 1
    correction.made_by = actor.public_id
    correction.made_at = now_in_milliseconds()
    correction.save()
    if correction.part is not None and correction.item is None:
        update_messages_part(operation.pk)
    return correction


def _remove_confirmations(operation: ImportOperation, record: ImportRecord) -> None:
    """Remove the confirmation and the decision about a record with other values.

    Users who confirm a match with a privileged user or a private room agree to these
    values only.
    """
    if record.pk is None:
        return
    selection = selection_of(operation.selection)
    if record.pk in selection.confirmed:
        kept = {pk: one for pk, one in selection.confirmed.items() if pk != record.pk}
        write_selection(operation, replace(selection, confirmed=kept))
    Decision.objects.of_record(operation.pk, record.kind, record.import_id).delete()


def _ensure_may_change(user: UserRecord, actor: Actor) -> None:
    """Refuse a correction that could assign the roles of a record to another user.

    Raises:
        CorrectionForbiddenError: The actor could not grant one of the roles.
    """
    roles = Role.objects.of_accounts().filter(name__in=user.roles) | (
        Role.objects.of_accounts().filter(public_id__in=user.roles)
    )
    missing = rights_of(actor.author).missing_for_roles(list(roles))
    if missing is not None:
        role, permission = missing
        raise CorrectionForbiddenError(
            f"The record has the role {role}, and you don't have the permission"
            f" {permission}. Ask a user who may grant this role to correct the"
            " record."
        )


def _with_unique_ids(found: CorrectableRecord, user: UserRecord) -> UserRecord:
    """Return a user whose import IDs belong to no other user of the source.

    In a CSV file, import IDs are names. If two rows had a name, its messages belong to
    the row that keeps it.

    Raises:
        CorrectionInvalidError: Another user has the corrected name.
    """
    if found.operation.importer_key != CSV:
        return user
    same = ImportRecord.objects.of_import_ids(
        found.operation.pk, Kind.USER, user.import_ids
    )
    taken = {one.import_id for one in same if one.pk != found.record.pk}
    name = user.username or user.emails[0]
    if name in taken:
        raise CorrectionInvalidError(
            f"Another user of the source has the name {name[:80]!r}. Enter another one,"
            " or merge the two users with a decision."
        )
    return replace(
        user, import_ids=tuple(one for one in user.import_ids if one not in taken)
    )


def _ensure_have_authors(
    found: CorrectableRecord, message: MessageRecord, cells: list[str]
) -> None:
    """Refuse users whom the run would not find.

    Raises:
        CorrectionInvalidError: No user of the workspace, of the source and of the other
            corrections has this import ID or username.
    """
    operation = found.operation
    names = {"author": message.author}
    if is_direct_row(operation, found.record):
        names["recipient"] = cells[1].strip()
    by_username = identifies_users_by_username(operation.importer_key)
    people = UserLookup(by_username=by_username)
    staged = ImportRecord.objects.of_import_ids(
        operation.pk, Kind.USER, list(names.values())
    )
    corrected = Correction.objects.of_operation(operation.pk)
    data = [row.data for row in staged]
    data += corrected.filter(data__has_key="import_ids").values_list("data", flat=True)
    known = {one for values in data for one in values["import_ids"]}
    for column, name in names.items():
        if name in known or people.find([name]) or people.needs_confirmation(name):
            continue
        attribute = "username" if by_username else "ID in the source"
        raise CorrectionInvalidError(
            f"No user of the workspace or of the source has the {attribute}"
            f" {name[:80]!r}. Enter another {column}, or create the user first."
        )


def _name_of(record: ImportRecord) -> str:
    """Return kind, ID and place of a record."""
    place = f"{record.source_file}:{record.source_line or ''}".strip(":")
    return f"{record} ({place})"[:300] if place else str(record)[:300]


def _record_event(
    operation: ImportOperation,
    record: ImportRecord,
    actor: Actor,
    *,
    name: str = "",
    is_removed: bool = False,
) -> None:
    """Write the correction to the timeline and the activity log, without its values."""
    name = name or _name_of(record)
    OperationEvent.objects.create(
        operation=operation,
        actor=actor.user,
        token_id=actor.token_id,
        from_status=operation.status,
        to_status=operation.status,
        is_valid=operation.is_valid,
        corrected=name,
        is_correction_removed=is_removed,
    )
    subject = ActivityEntry.Subject.IMPORT
    label = "correction removed" if is_removed else "corrected record"
    change = ChangedState(subject, str(operation), {}, {label: name})
    record_changes([change], by=actor.author)
