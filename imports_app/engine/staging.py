"""Preparation of an import: staging the records of a source."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from config.db.bulk import in_chunks, insert_rows, update_rows
from imports_app.engine.lease import Lease
from imports_app.engine.matching.privileged_users import UNCONFIRMED
from imports_app.engine.matching.user_lookup import UserLookup
from imports_app.engine.matching.username_matches import report_expected_matches
from imports_app.engine.retries import retry_on_disconnect
from imports_app.engine.run_start import begin_run
from imports_app.engine.staged_findings import StagedFindings
from imports_app.importers.base import Report
from imports_app.importers.registry import identifies_users_by_username
from imports_app.models import ImportOperation, ImportRecord, KindCount
from imports_app.records import (
    BadRecord,
    Kind,
    Record,
    SourceItem,
    data_of,
    search_text_of,
)
from imports_app.selection.query import TRAITS, selectable_records
from imports_app.selection.rules import EVERYTHING, Selection
from imports_app.statuses import Status
from imports_app.transitions import LEASE_ENDED, SERVER, move_operation

PAGE: Final = 500
_RENEWED_EVERY: Final = 10.0
"""Seconds between renewals of the lease while staged records are skipped."""
_STATUS_OF: Final = {
    Kind.USER: Status.PREPARING_USERS,
    Kind.CONTACT: Status.PREPARING_CONTACTS,
    Kind.CHANNEL: Status.PREPARING_CHANNELS,
    Kind.MESSAGE: Status.PREPARING_MESSAGES,
}
_ORDER: Final = [Status.PREPARING_STARTED, *_STATUS_OF.values()]
_COUNTER_OF: Final = {
    Kind.USER: "count_users",
    Kind.CONTACT: "count_contacts",
    Kind.CHANNEL: "count_channels",
    Kind.MESSAGE: "count_messages",
}
_COLUMNS: Final = (
    *("operation", "kind", "import_id", "data", "is_unreadable", "outcome"),
    *("code", "message", "source_file", "source_line"),
)
_LONGEST_ID: Final = 255
_LONGEST_FILE: Final = 500


def stage_all(
    operation: ImportOperation,
    source: Iterator[SourceItem],
    report: Report,
    lease: Lease,
) -> None:
    """Stage all records of a source, one page at a time.

    After an interruption, the source is read again and staged records are skipped.

    Raises:
        SourceError: The source can't be read.
        LeaseLostError: The operation was cancelled or taken over.
        StoppedError: The process is shutting down.
    """
    findings = StagedFindings(report)
    found = findings.watch(source)
    staged = operation.checkpoint
    _skip_staged(found, staged, lease)
    while page := list(islice(found, PAGE)):
        retry_on_disconnect(partial(_update_status, operation, page), check=lease.check)
        write = partial(_write_page, operation, page, staged, lease)
        retry_on_disconnect(write, check=lease.check)
        staged += len(page)
        lease.end_page()
    people = UserLookup(
        by_username=identifies_users_by_username(operation.importer_key)
    )
    find = partial(_existing_users, people, findings.unlisted)
    findings.report_unknown_users(retry_on_disconnect(find, check=lease.check))
    report_expected_matches(operation, report, lease)
    retry_on_disconnect(partial(_finish, operation, report, lease), check=lease.check)


def _skip_staged(found: Iterator[SourceItem], staged: int, lease: Lease) -> None:
    """Skip the records that are already staged, while renewing the lease."""
    renewed = time.monotonic()
    for _page in range(staged // PAGE):
        deque(islice(found, PAGE), maxlen=0)
        if time.monotonic() - renewed > _RENEWED_EVERY:
            retry_on_disconnect(lease.renew, check=lease.check)
            renewed = time.monotonic()
    deque(islice(found, staged % PAGE), maxlen=0)


def _existing_users(people: UserLookup, names: list[str]) -> set[str]:
    """Return the names of existing users, also those that need a confirmation."""
    known: set[str] = set()
    for page in in_chunks(names, PAGE):
        known |= people.find(page).keys()
        known |= set(filter(people.needs_confirmation, page))
    return known


def _update_status(operation: ImportOperation, page: list[SourceItem]) -> None:
    """Update the status to the kind being read; the status never moves backwards."""
    status = max((_STATUS_OF[found.record.kind] for found in page), key=_ORDER.index)
    if _ORDER.index(status) > _ORDER.index(Status(operation.status)):
        move_operation(operation=operation, to=status, actor=SERVER)


@transaction.atomic
def _write_page(
    operation: ImportOperation, page: list[SourceItem], start: int, lease: Lease
) -> None:
    """Append a page to the staged records, unless it is already there."""
    written = ImportOperation.objects.values_list("checkpoint", flat=True)
    if written.get(pk=operation.pk) > start:
        return
    lease.renew(checkpoint=start + len(page), **counters_grown(page))
    stage_records(operation.pk, page)


def counters_grown(page: list[SourceItem]) -> dict[str, Any]:
    """Return increments of the operation's counters for these records."""
    counted = Counter(found.record.kind for found in page)
    return {
        _COUNTER_OF[kind]: Coalesce(F(_COUNTER_OF[kind]), 0) + number
        for kind, number in counted.items()
    }


def stage_records(operation_id: int, page: list[SourceItem]) -> None:
    """Insert and count records; invalid rows fail immediately."""
    rows: list[tuple[Any, ...]] = [_row(operation_id, found) for found in page]
    staged = Counter(found.record.kind for found in page)
    guessed = Counter(found.record.kind for found in page if found.guess)
    columns: tuple[str, ...] = _COLUMNS
    if staged.keys() != {Kind.MESSAGE}:  # messages are the most frequent kind
        columns = (*columns, "search_text")
        texts = (search_text_of(found.record) for found in page)
        rows = [(*row, text) for row, text in zip(rows, texts, strict=True)]
    if guessed:
        columns = (*columns, "guess")
        rows = [(*row, one.guess) for row, one in zip(rows, page, strict=True)]
    insert_rows(ImportRecord, columns, rows)
    bad = Counter(
        (found.record.kind, found.record.is_left_out)
        for found in page
        if isinstance(found.record, BadRecord)
    )
    for kind, number in staged.items():
        count_outcomes(
            operation_id,
            kind,
            staged=number,
            failed=bad[kind, False],
            skipped=bad[kind, True],
            guessed=guessed[kind],
        )


def count_outcomes(operation_id: int, kind: Kind, **grown: int) -> None:
    """Increase the counts of a kind."""
    counted = KindCount.objects.filter(operation=operation_id, kind=kind)
    if not counted.update(**{name: F(name) + more for name, more in grown.items()}):
        KindCount.objects.create(operation_id=operation_id, kind=kind, **grown)


def _row(operation_id: int, found: SourceItem) -> tuple[Any, ...]:
    record = found.record
    is_bad = isinstance(record, BadRecord)
    return (
        operation_id,
        record.kind.value,
        record.import_ids[0][:_LONGEST_ID],
        data_of(record),
        is_bad,
        _outcome_of(record),
        record.code if isinstance(record, BadRecord) else "",
        record.message if isinstance(record, BadRecord) else "",
        found.file[:_LONGEST_FILE],
        found.line,
    )


def _outcome_of(record: Record | BadRecord) -> str:
    if not isinstance(record, BadRecord):
        return "staged"
    return "skipped" if record.is_left_out else "failed"


@transaction.atomic
def _finish(operation: ImportOperation, report: Report, lease: Lease) -> None:
    _count_messages(operation.pk)
    _count_messages_of_matches(operation.pk)
    lease.renew(
        report=report.as_json(),
        is_prepared=True,
        checkpoint=0,
        count_total=total_staged(operation.pk),
    )
    if operation.parent_id is None or _needs_confirmation(operation.parent_id):
        move_operation(
            operation=operation, to=Status.USER_SELECTION, actor=SERVER, **LEASE_ENDED
        )
    else:  # a retry continues at once, with the same lease
        move_operation(operation=operation, to=Status.USER_SELECTION, actor=SERVER)
        begin_run(operation=operation, selection=EVERYTHING, actor=SERVER)


def _needs_confirmation(parent_id: int) -> bool:
    """Return whether a retry has to wait until matches are confirmed again."""
    parent = ImportOperation.objects.get(pk=parent_id)
    if Selection.from_json(parent.selection).confirmed:
        return True
    return ImportRecord.objects.failed(parent_id).filter(code=UNCONFIRMED).exists()


def _count_messages(operation_id: int) -> None:
    """Store the number of messages of each staged room."""
    messages = ImportRecord.objects.of_kind(operation_id, Kind.MESSAGE)
    counted = messages.count_by_room()
    rooms = ImportRecord.objects.of_kind(operation_id, Kind.CHANNEL)
    rows = [
        (counted.get(import_id, 0), pk)
        for pk, import_id in rooms.values_list("pk", "import_id").iterator()
    ]
    update_rows(ImportRecord, ("message_count",), rows)


def _count_messages_of_matches(operation_id: int) -> None:
    """Count the messages of users who match a privileged user; usually none do."""
    users = selectable_records(operation_id, Kind.USER).filter(
        TRAITS[Kind.USER]["privileged"]
    )
    matches = dict(users.values_list("import_id", "pk"))
    if not matches:
        return
    messages = ImportRecord.objects.of_kind(operation_id, Kind.MESSAGE)
    counted = messages.count_by_author()
    update_rows(
        ImportRecord,
        ("message_count",),
        [(counted.get(import_id, 0), pk) for import_id, pk in matches.items()],
    )


def total_staged(operation_id: int) -> int:
    """Return the number of an operation's records that a run can process."""
    counted = KindCount.objects.filter(operation=operation_id)
    numbers = counted.values_list("staged", "skipped")
    return sum(staged - skipped for staged, skipped in numbers)
