"""Run of an import: conversion of staged records to rows of the workspace.

Users, contacts and rooms are converted in pages by one worker. Each page is one
transaction with the new rows, the records' outcomes, the counters and the checkpoint.
Messages follow in parts (`engine.parts`), converted by all available workers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from django.db import DatabaseError, transaction

from imports_app.engine.converters.missing_threads import report_missing_threads
from imports_app.engine.converters.rooms import RoomConverter
from imports_app.engine.converters.users import UserConverter
from imports_app.engine.downloads.runner import run_downloads
from imports_app.engine.lease import Lease
from imports_app.engine.matching.decisions import Decisions
from imports_app.engine.matching.privileged_users import confirmed_import_ids
from imports_app.engine.matching.user_lookup import UserLookup
from imports_app.engine.matching.username_matches import report_matches
from imports_app.engine.outcomes import (
    Converter,
    RecordOutcome,
    StagedRecord,
    convert_page,
    wire_counters,
    write_guesses,
    write_outcomes,
)
from imports_app.engine.parts.messages import RequestHelp, import_messages
from imports_app.engine.planning.archived_rooms import report_active_rooms
from imports_app.engine.planning.deactivated_users import report_deactivated
from imports_app.engine.planning.role_grants import Grants
from imports_app.engine.planning.rooms import RoomPlanner
from imports_app.engine.planning.users import UserPlanner
from imports_app.engine.plans.jobs import recheck_plan
from imports_app.engine.plans.pages import take_page
from imports_app.engine.retries import retry_on_disconnect
from imports_app.engine.staging import count_outcomes
from imports_app.engine.undo.runner import run_undo
from imports_app.importers.base import Importer, Report
from imports_app.models import ImportOperation, ImportRecord, Outcome
from imports_app.records import Kind
from imports_app.selection.rules import Selection
from imports_app.sources.limits import ArchiveLimits
from imports_app.statuses import Status
from imports_app.transitions import LEASE_ENDED, SERVER, move_operation

_PHASES: Final = (
    (Kind.USER, Status.IMPORTING_USERS),
    (Kind.CONTACT, Status.IMPORTING_CONTACTS),
    (Kind.CHANNEL, Status.IMPORTING_CHANNELS),
)
_STATUSES: Final = [*(status for _kind, status in _PHASES), Status.IMPORTING_MESSAGES]


def run_import(
    operation: ImportOperation,
    importer: type[Importer],
    lease: Lease,
    limits: ArchiveLimits,
    request_help: RequestHelp,
) -> None:
    """Convert the staged records, resuming after an interruption.

    Args:
        operation: The operation.
        importer: Its importer.
        lease: The lease on it.
        limits: Limits of downloaded archives.
        request_help: Asks other workers for help with this number of parts.

    Raises:
        LeaseLostError: The operation was cancelled or taken over.
        StoppedError: The process is shutting down.
    """
    if importer.fetches is not None:
        run_downloads(operation, importer.fetches, lease, limits)
        retry_on_disconnect(partial(_finish, operation, lease), check=lease.check)
        return
    if importer.undoes:
        run_undo(operation, lease)
        return
    is_bound = operation.plan_digest and operation.status == Status.IMPORTING_STARTED
    if is_bound and not recheck_plan(operation, importer, lease):
        return
    selection = Selection.from_json(operation.selection)
    people = user_lookup(operation, importer, lease)
    converters: dict[Kind, Callable[[], Converter]] = {
        Kind.USER: lambda: UserConverter(
            operation.pk, user_planner(operation, importer, selection)
        ),
        Kind.CONTACT: ContactConverter,
        Kind.CHANNEL: lambda: RoomConverter(
            operation.pk,
            _room_planner(operation, selection, people),
            adds_readers=_grants(operation).adds_readers,
        ),
    }
    for kind, status in _PHASES:
        if not _enter_phase(operation, status, lease):
            continue
        converter = retry_on_disconnect(converters[kind], check=lease.check)
        convert = partial(_convert_page, operation, kind, converter, people, lease)
        while retry_on_disconnect(convert, check=lease.check):
            lease.end_page()
    if _enter_phase(operation, Status.IMPORTING_MESSAGES, lease):
        import_messages(operation, people, lease, request_help)
    retry_on_disconnect(partial(_finish, operation, lease), check=lease.check)


def user_planner(
    operation: ImportOperation, importer: type[Importer], selection: Selection
) -> UserPlanner:
    """Return the planner of an operation's users."""
    return UserPlanner(
        operation.pk,
        selection,
        initiator_id=operation.user_id,
        grants=partial(_grants, operation),
        fails_existing=operation.fails_existing,
        matches_usernames=importer.identifies_users_by_username,
        corrects_details=not operation.continues_trial,
    )


def _grants(operation: ImportOperation) -> Grants:
    return Grants(sent_by=operation.sent_by, run_started_by=operation.run_started_by)


def _room_planner(
    operation: ImportOperation, selection: Selection, people: UserLookup
) -> RoomPlanner:
    people.load_failed(operation.pk)
    return RoomPlanner(operation.pk, selection, people, initiator_id=operation.user_id)


def user_lookup(
    operation: ImportOperation, importer: type[Importer], lease: Lease
) -> UserLookup:
    """Return the lookup of the operation's users."""
    selection = Selection.from_json(operation.selection)
    return retry_on_disconnect(
        lambda: UserLookup(
            by_username=importer.identifies_users_by_username,
            confirmed=confirmed_import_ids(operation.pk, selection),
            decided=Decisions(operation.pk).identities(),
        ),
        check=lease.check,
    )


def _enter_phase(operation: ImportOperation, status: Status, lease: Lease) -> bool:
    """Begin or resume a phase; return False if it is already finished."""
    if operation.status == status:
        return True
    if operation.status in _STATUSES and _STATUSES.index(
        Status(operation.status)
    ) > _STATUSES.index(status):
        return False
    if operation.status == Status.FINISHING:
        return False
    retry_on_disconnect(
        partial(_begin_phase, operation, status, lease), check=lease.check
    )
    return True


@transaction.atomic
def _begin_phase(operation: ImportOperation, status: Status, lease: Lease) -> None:
    operation.refresh_from_db()
    if operation.status != status:
        lease.renew(checkpoint=0)
        move_operation(operation=operation, to=status, actor=SERVER)


def _convert_page(
    operation: ImportOperation,
    kind: Kind,
    converter: Converter,
    people: UserLookup,
    lease: Lease,
) -> bool:
    """Convert the next page; return False if there is none."""
    checkpoint = ImportOperation.objects.values_list("checkpoint", flat=True).get(
        pk=operation.pk
    )
    waiting = ImportRecord.objects.waiting(operation.pk, kind, after=checkpoint)
    page = take_page(waiting)
    if not page:
        return False
    try:
        with transaction.atomic():
            results = convert_page(converter.convert, page)
            outcomes = write_outcomes(page, results)
            lease.renew(checkpoint=page[-1].pk, **wire_counters(outcomes))
            grown = {outcome.value: number for outcome, number in outcomes.items()}
            grown["guessed"] = write_guesses(page, results)
            count_outcomes(operation.pk, kind, **grown)
    except DatabaseError:
        people.forget()  # users created in this page were rolled back
        raise
    return True


@transaction.atomic
def _finish(operation: ImportOperation, lease: Lease) -> None:
    operation.refresh_from_db(fields=["report"])  # placeholders are noted in it
    report = Report(**(operation.report or {}))
    report_matches(operation, report)
    if not operation.is_trial:  # the first messages may be in the source
        report_missing_threads(operation, report)
    report_deactivated(operation, report)
    report_active_rooms(operation, report)
    lease.renew(report=report.as_json())
    for status in (Status.FINISHING, Status.DONE):
        values = LEASE_ENDED if status == Status.DONE else {}
        move_operation(operation=operation, to=status, actor=SERVER, **values)


class ContactConverter:
    """Converter that skips contacts, which are not supported."""

    def convert(self, page: Sequence[StagedRecord]) -> list[RecordOutcome]:
        """Skip all of them."""
        return [_NOT_OFFERED for _record in page]


_NOT_OFFERED: Final = RecordOutcome(
    Outcome.SKIPPED,
    "importer-contact-not-offered",
    "Contacts are not imported.",
)
