"""Confirmations of matches between records and privileged users."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from django.db import transaction

from accounts.models import ActivityEntry, User
from accounts.services.activity import ChangedState, record_changes
from config.db.bulk import in_chunks
from imports_app.engine.matching.privileged_users import ConfirmedMatches, may_confirm
from imports_app.engine.previews import PrivilegedMatch, preview_users
from imports_app.errors import (
    ConfirmationForbiddenError,
    PrivilegedMatchNotFoundError,
    SelectionTooLongError,
)
from imports_app.importers.registry import identifies_users_by_username
from imports_app.models import ImportOperation, ImportRecord
from imports_app.querysets.records import ImportRecordQuerySet
from imports_app.records import Kind, UserRecord, record_of
from imports_app.selection.rules import MAX_NAMED_RECORDS, Confirmation, Selection
from imports_app.services.selection import lock_selection, write_selection
from imports_app.transitions import Actor

_PAGE: Final = 500
Matches = dict[int, tuple[str, PrivilegedMatch]]
"""Matches with privileged users by record, each with the record's import ID."""


@transaction.atomic
def confirm_match(
    *, operation: ImportOperation, record_id: int, user_id: str, actor: Actor
) -> None:
    """Confirm that a staged record is the privileged user that it matches.

    Args:
        operation: The import; it is ready to import.
        record_id: The key of the staged record.
        user_id: Public ID of the user that was shown for confirmation.
        actor: Who confirms.

    Raises:
        OperationUnusableStatusError: The operation is no longer ready to import.
        PrivilegedMatchNotFoundError: The record does not match this user.
        ConfirmationForbiddenError: The actor may not edit the user.
        SelectionTooLongError: Too many matches are confirmed.
    """
    selection = lock_selection(operation)
    matches = _find_matches(operation, _users(operation).filter(pk=record_id))
    found = {
        pk: match for pk, match in matches.items() if match[1].user.public_id == user_id
    }
    if not found:
        raise PrivilegedMatchNotFoundError
    write_selection(operation, _add_confirmations(operation, selection, found, actor))


@transaction.atomic
def withdraw_confirmation(*, operation: ImportOperation, record_id: int) -> None:
    """Withdraw the confirmation of a record, if there is one.

    Raises:
        OperationUnusableStatusError: The operation is no longer ready to import.
    """
    selection = lock_selection(operation)
    rest = {pk: one for pk, one in selection.confirmed.items() if pk != record_id}
    write_selection(operation, replace(selection, confirmed=rest))


def confirm_import_ids(
    *,
    operation: ImportOperation,
    selection: Selection,
    import_ids: Collection[str],
    actor: Actor,
) -> Selection:
    """Return the selection with the matches of these records confirmed.

    Args:
        operation: The import, before its start.
        selection: The current selection.
        import_ids: First import IDs of user records.
        actor: Who confirms.

    Raises:
        PrivilegedMatchNotFoundError: A record does not match a privileged user.
        ConfirmationForbiddenError: The actor may not edit such a user.
        SelectionTooLongError: Too many matches are confirmed.
    """
    found: Matches = {}
    for chunk in in_chunks(import_ids):
        records = _users(operation).filter(import_id__in=chunk)
        found |= _find_matches(operation, records)
    missing = set(import_ids) - {import_id for import_id, _match in found.values()}
    if missing:
        raise PrivilegedMatchNotFoundError.of(min(missing))
    return _add_confirmations(operation, selection, found, actor)


def confirm_users(
    *,
    operation: ImportOperation,
    selection: Selection,
    users: Collection[User],
    actor: Actor,
) -> Selection:
    """Return the selection with every match of these users confirmed.

    Raises:
        PrivilegedMatchNotFoundError: No record matches a user, or the user is not
            privileged.
        ConfirmationForbiddenError: The actor may not edit such a user.
        SelectionTooLongError: Too many matches are confirmed.
    """
    wanted = {user.pk for user in users}
    found = {
        pk: match
        for pk, match in _find_matches(operation, _users(operation)).items()
        if match[1].user.pk in wanted
    }
    matched = {match.user.pk for _import_id, match in found.values()}
    for user in users:
        if user.pk not in matched:
            raise PrivilegedMatchNotFoundError.of(str(user))
    return _add_confirmations(operation, selection, found, actor)


def _users(operation: ImportOperation) -> ImportRecordQuerySet:
    rows = ImportRecord.objects.of_kind(operation.pk, Kind.USER)
    return rows.filter(is_unreadable=False)


def _find_matches(operation: ImportOperation, rows: ImportRecordQuerySet) -> Matches:
    """Return the matches of these records with privileged users."""
    found: Matches = {}
    for page in _iterate_pages(rows):
        records: dict[int, UserRecord] = {}
        for row in page:
            record = record_of(Kind.USER, row.data)
            if isinstance(record, UserRecord):
                records[row.pk] = record
        previews = preview_users(
            records,
            operation.pk,
            initiator_id=operation.user_id,
            matches_usernames=identifies_users_by_username(operation.importer_key),
            confirmed=ConfirmedMatches({}),
        )
        for row, preview in zip(page, previews, strict=True):
            if preview.privileged is not None:
                found[row.pk] = (row.import_id, preview.privileged)
    return found


def _iterate_pages(rows: ImportRecordQuerySet) -> Iterator[list[ImportRecord]]:
    last = 0
    while page := list(rows.filter(pk__gt=last).order_by("pk")[:_PAGE]):
        yield page
        last = page[-1].pk


def _add_confirmations(
    operation: ImportOperation, selection: Selection, found: Matches, actor: Actor
) -> Selection:
    """Return the selection with these matches confirmed, and log the confirmation."""
    confirmer = actor.user
    if confirmer is None:
        raise ConfirmationForbiddenError
    for user in _distinct(match.user for _import_id, match in found.values()):
        if not may_confirm(confirmer, user):
            raise ConfirmationForbiddenError.of(str(user))
    new = {
        pk: Confirmation(match.user.public_id, confirmer.public_id)
        for pk, (_import_id, match) in found.items()
    }
    confirmed = {**selection.confirmed, **new}
    if len(confirmed) > MAX_NAMED_RECORDS:
        raise SelectionTooLongError
    record_changes(
        [
            ChangedState(
                ActivityEntry.Subject.USER,
                str(match.user),
                {},
                {"confirmed import ID": import_id, "import": operation.public_id},
            )
            for import_id, match in found.values()
        ],
        by=actor.author,
    )
    return replace(selection, confirmed=confirmed)


def _distinct(users: Iterable[User]) -> Iterable[User]:
    return {user.pk: user for user in users}.values()
