"""From staged records to the workspace: the `run` half of an import.

Users, contacts, rooms, then messages; each in pages, each page one transaction of the
rows it makes, the records' outcomes, the counters and the checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import orjson
from django.db import DatabaseError, DataError, IntegrityError, transaction

from imports_app.engine.converters.deactivated_users import note_deactivated
from imports_app.engine.converters.messages import MessageConverter
from imports_app.engine.converters.missing_threads import note_rootless_replies
from imports_app.engine.converters.role_grants import Grants
from imports_app.engine.converters.rooms import RoomConverter
from imports_app.engine.converters.users import UserConverter
from imports_app.engine.downloads.runner import run_downloads
from imports_app.engine.lease import Lease
from imports_app.engine.matching.privileged_users import confirmed_import_ids
from imports_app.engine.matching.user_lookup import UserLookup
from imports_app.engine.matching.username_matches import note_matches
from imports_app.engine.outcomes import (
    Converter,
    RecordOutcome,
    StagedRecord,
    wire_counters,
    write_guesses,
    write_outcomes,
)
from imports_app.engine.retries import retry_on_disconnect
from imports_app.engine.staging import PAGE, count_outcomes
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
    (Kind.MESSAGE, Status.IMPORTING_MESSAGES),
)
_STATUSES: Final = [status for _kind, status in _PHASES]


def run_import(
    operation: ImportOperation,
    importer: type[Importer],
    lease: Lease,
    limits: ArchiveLimits,
) -> None:
    """Convert what is staged, from where a former process may have left off.

    Raises:
        LeaseLostError: The operation was ended, or taken over.
        StoppedError: The process is to end.
    """
    if importer.fetches is not None:
        run_downloads(operation, importer.fetches, lease, limits)
        retry_on_disconnect(partial(_finish, operation, lease), check=lease.check)
        return
    selection = Selection.from_json(operation.selection)
    by_username = importer.names_people_by_username
    people = retry_on_disconnect(
        lambda: UserLookup(
            by_username=by_username,
            confirmed=confirmed_import_ids(operation.pk, selection),
        ),
        check=lease.check,
    )
    converters: dict[Kind, Callable[[], Converter]] = {
        Kind.USER: lambda: UserConverter(
            operation.pk,
            selection,
            starter_id=operation.user_id,
            grants=partial(
                Grants,
                sent_by=operation.sent_by,
                run_started_by=operation.run_started_by,
            ),
            fails_existing=operation.fails_existing,
            matches_usernames=by_username,
        ),
        Kind.CONTACT: ContactConverter,
        Kind.CHANNEL: lambda: RoomConverter(
            operation.pk, selection, people, starter_id=operation.user_id
        ),
        Kind.MESSAGE: lambda: MessageConverter(operation.pk, people),
    }
    for kind, status in _PHASES:
        if not _enter(operation, status, lease):
            continue
        converter = retry_on_disconnect(converters[kind], check=lease.check)
        convert = partial(_convert_page, operation, kind, converter, people, lease)
        while retry_on_disconnect(convert, check=lease.check):
            lease.end_page()
    retry_on_disconnect(partial(_finish, operation, lease), check=lease.check)


def _enter(operation: ImportOperation, status: Status, lease: Lease) -> bool:
    """Begin a phase, or go on with it; False if it is over already."""
    if operation.status == status:
        return True
    if operation.status in _STATUSES and _STATUSES.index(
        Status(operation.status)
    ) > _STATUSES.index(status):
        return False
    if operation.status == Status.FINISHING:
        return False
    retry_on_disconnect(partial(_begin, operation, status, lease), check=lease.check)
    return True


@transaction.atomic
def _begin(operation: ImportOperation, status: Status, lease: Lease) -> None:
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
    """Convert the next page; False if there is none."""
    checkpoint = ImportOperation.objects.values_list("checkpoint", flat=True).get(
        pk=operation.pk
    )
    waiting = ImportRecord.objects.waiting(operation.pk, kind, after=checkpoint)
    page = [
        StagedRecord(pk, import_id, orjson.loads(data))
        for pk, import_id, data in waiting.as_texts()[:PAGE]
    ]
    if not page:
        return False
    try:
        with transaction.atomic():
            verdicts = _convert(converter, page)
            outcomes = write_outcomes(operation.pk, kind, page, verdicts)
            lease.renew(checkpoint=page[-1].pk, **wire_counters(outcomes))
            grown = {outcome.value: number for outcome, number in outcomes.items()}
            grown["guessed"] = write_guesses(page, verdicts)
            count_outcomes(operation.pk, kind, **grown)
    except DatabaseError:
        people.forget()  # whoever was made in this page was not
        raise
    return True


def _convert(converter: Converter, page: Sequence[StagedRecord]) -> list[RecordOutcome]:
    """Convert a page; if the database refuses it, find out which record it refuses."""
    try:
        with transaction.atomic():
            return converter.convert(page)
    except (IntegrityError, DataError) as error:
        if len(page) == 1:
            return [_rejected(error)]
    middle = len(page) // 2
    return [*_convert(converter, page[:middle]), *_convert(converter, page[middle:])]


def _rejected(error: Exception) -> RecordOutcome:
    reason = str(error).strip().partition("\n")[0]
    return RecordOutcome(
        Outcome.FAILED,
        "importer-record-rejected",
        f"The database does not take it: {reason}",
    )


@transaction.atomic
def _finish(operation: ImportOperation, lease: Lease) -> None:
    operation.refresh_from_db(fields=["report"])  # placeholders are noted in it
    report = Report(**(operation.report or {}))
    note_matches(operation, report)
    note_rootless_replies(operation, report)
    note_deactivated(operation, report)
    lease.renew(report=report.as_json())
    for status in (Status.FINISHING, Status.DONE):
        values = LEASE_ENDED if status == Status.DONE else {}
        move_operation(operation=operation, to=status, actor=SERVER, **values)


class ContactConverter:
    """Passes contacts over: there is nothing here that they could become."""

    def convert(self, page: Sequence[StagedRecord]) -> list[RecordOutcome]:
        """Skip all of them."""
        return [_NOT_OFFERED for _record in page]


_NOT_OFFERED: Final = RecordOutcome(
    Outcome.SKIPPED,
    "importer-contact-not-offered",
    "Contacts are shown, and not imported.",
)
