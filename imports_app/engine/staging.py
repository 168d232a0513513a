"""Preparation of an import: staging the records of a source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, Final, TypeAlias

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from config.db.bulk import in_chunks, insert_rows, update_rows
from imports_app.engine.corrections.copies import copy_corrections
from imports_app.engine.lease import Lease
from imports_app.engine.matching.privileged_users import UNCONFIRMED
from imports_app.engine.matching.user_lookup import UserLookup
from imports_app.engine.matching.username_matches import report_expected_matches
from imports_app.engine.outcomes import RecordOutcome
from imports_app.engine.parts.spool import CountKey, Part, SpoolWriter
from imports_app.engine.retries import retry_on_disconnect
from imports_app.engine.run_start import begin_run
from imports_app.engine.staged_findings import StagedFindings
from imports_app.importers.base import Report
from imports_app.importers.registry import identifies_users_by_username
from imports_app.models import (
    ImportOperation,
    ImportPart,
    ImportRecord,
    KindCount,
    MessageCount,
    Outcome,
)
from imports_app.records import (
    BadRecord,
    ChannelRecord,
    Kind,
    MessageRecord,
    SourceItem,
    data_of,
    search_text_of,
)
from imports_app.selection.query import TRAITS, selectable_records
from imports_app.selection.rules import EVERYTHING, Selection
from imports_app.statuses import Status
from imports_app.transitions import LEASE_ENDED, SERVER, move_operation

PAGE: Final = 500
"""Rows in a page."""
MOST_RECORDS: Final = 5_000
"""Records in a page while messages are written to the spool."""
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
RECORD_COLUMNS: Final = (
    *("operation", "kind", "import_id", "data", "is_unreadable", "outcome"),
    *("code", "message", "source_file", "source_line", "search_text", "guess"),
)
_Count: TypeAlias = tuple[int, str, str, bool, int]
_PART_COLUMNS: Final = ("operation", *Part._fields)
_COUNT_COLUMNS: Final = (
    *("operation", "position", "room", "author", "is_time_invalid", "messages"),
)
_POSITION: Final = ("operation", "position")
_MOST_COUNTS: Final = 20_000
"""Numbers of messages, by room and author, that are kept in memory."""
_MOST_MEMBERS: Final = 20_000
"""Members of rooms after which a page ends."""
_LONGEST_ID: Final = 255
_LONGEST_FILE: Final = 500


def stage_all(
    operation: ImportOperation,
    source: Iterator[SourceItem],
    report: Report,
    lease: Lease,
) -> None:
    """Stage all records of a source, one page at a time.

    Messages go to the spool, other records to the database. After an interruption, the
    source is read again: staged records are skipped, and the spool is written anew.

    Raises:
        SourceError: The source can't be read.
        StorageFullError: The disk is full.
        StorageUnavailableError: The shared storage is unavailable.
        LeaseLostError: The operation was cancelled or taken over.
        StoppedError: The process is shutting down.
    """
    findings = StagedFindings(report)
    found = findings.watch(source)
    staged = operation.checkpoint
    position = 0
    counted = 0
    with SpoolWriter(operation, lease.keep) as spool:
        retry_on_disconnect(
            partial(_discard_parts, operation, lease), check=lease.check
        )
        while page := _read_page(found, spool, staged - position):
            page.start = position
            page.counts = _numbered(counted, spool.take_counts(_MOST_COUNTS))
            counted += len(page.counts)
            write = partial(_write_page, operation, page, staged, lease)
            retry_on_disconnect(write, check=lease.check)
            position += page.length
            lease.end_page()
        page = _Page(start=position, parts=spool.finish())
        page.counts = _numbered(counted, spool.take_counts())
        write = partial(_write_page, operation, page, staged, lease)
        retry_on_disconnect(write, check=lease.check)
    people = UserLookup(
        by_username=identifies_users_by_username(operation.importer_key)
    )
    find = partial(_existing_users, people, findings.unlisted)
    findings.report_unknown_users(retry_on_disconnect(find, check=lease.check))
    report_expected_matches(operation, report, lease)
    finish = partial(_finish, operation, report, lease)
    retry_on_disconnect(finish, check=lease.check)


def _numbered(start: int, counts: list[tuple[CountKey, int]]) -> list[_Count]:
    """Return rows with a position, so that they are not stored twice."""
    return [
        (number, *key, messages) for number, (key, messages) in enumerate(counts, start)
    ]


@dataclass(slots=True)
class _Page:
    """Records that are written in one transaction."""

    start: int = 0
    """Number of records before it in the source."""
    rows: list[SourceItem] = field(default_factory=list)
    """Records for the database: all but readable messages."""
    messages: int = 0
    """Number of messages, which are in the spool."""
    guessed: int = 0
    """Number of messages that depend on a guess."""
    parts: list[Part] = field(default_factory=list)
    """Parts of the spool that were completed."""
    counts: list[_Count] = field(default_factory=list)
    """Numbers of messages, in pages that store them."""

    @property
    def length(self) -> int:
        """Number of records."""
        return len(self.rows) + self.messages

    def __bool__(self) -> bool:
        return self.length > 0

    def counted(self) -> Counter[Kind]:
        """Count the records by kind."""
        counted = Counter(found.record.kind for found in self.rows)
        if self.messages:
            counted[Kind.MESSAGE] += self.messages
        return counted


def _read_page(found: Iterator[SourceItem], spool: SpoolWriter, most: int) -> _Page:
    """Read the next page, and write its messages to the spool.

    Args:
        found: The rest of the source.
        spool: Receives the messages.
        most: Maximum number of records, if it is above zero: pages end where an
            interrupted attempt has ended.
    """
    page = _Page()
    limit = min(most, MOST_RECORDS) if most > 0 else MOST_RECORDS
    members = 0
    for item in islice(found, limit):
        record = item.record
        if isinstance(record, MessageRecord):
            spool.add(item, record)
            page.messages += 1
            if item.guess:
                page.guessed += 1
        else:
            page.rows.append(item)
            if isinstance(record, ChannelRecord):
                members += len(record.members)
            if len(page.rows) >= PAGE or members >= _MOST_MEMBERS:
                break
    page.parts = spool.take_complete()
    return page


@transaction.atomic
def _discard_parts(operation: ImportOperation, lease: Lease) -> None:
    """Delete the parts of an interrupted attempt."""
    lease.renew()
    ImportPart.objects.of_operation(operation.pk).delete()
    MessageCount.objects.of_operation(operation.pk).delete()


def _existing_users(people: UserLookup, names: list[str]) -> set[str]:
    """Return the names of existing users, also those that need a confirmation."""
    known: set[str] = set()
    for page in in_chunks(names, PAGE):
        known |= people.find(page).keys()
        known |= set(filter(people.needs_confirmation, page))
    return known


@transaction.atomic
def _write_page(
    operation: ImportOperation, page: _Page, staged: int, lease: Lease
) -> None:
    """Write a page, except for the records that are already staged."""
    rows = [(operation.pk, *part) for part in page.parts]
    insert_rows(ImportPart, _PART_COLUMNS, rows, unique=_POSITION)
    counts = [(operation.pk, *count) for count in page.counts]
    insert_rows(MessageCount, _COUNT_COLUMNS, counts, unique=_POSITION)
    end = page.start + page.length
    written = ImportOperation.objects.values_list("checkpoint", flat=True)
    if end <= max(staged, written.get(pk=operation.pk)):
        lease.renew()
        return
    counted = page.counted()
    _update_status(operation, counted)
    lease.renew(checkpoint=end, **_increments_of(counted))
    stage_records(operation.pk, page.rows)
    if page.messages:
        count_outcomes(
            operation.pk, Kind.MESSAGE, staged=page.messages, guessed=page.guessed
        )


def _update_status(operation: ImportOperation, counted: Counter[Kind]) -> None:
    """Update the status to the kind being read; the status never moves backwards."""
    status = max((_STATUS_OF[kind] for kind in counted), key=_ORDER.index)
    if _ORDER.index(status) > _ORDER.index(Status(operation.status)):
        move_operation(operation=operation, to=status, actor=SERVER)


def counter_increments(page: list[SourceItem]) -> dict[str, Any]:
    """Return increments of the operation's counters for these records."""
    return _increments_of(Counter(found.record.kind for found in page))


def _increments_of(counted: Counter[Kind]) -> dict[str, Any]:
    return {
        _COUNTER_OF[kind]: Coalesce(F(_COUNTER_OF[kind]), 0) + number
        for kind, number in counted.items()
    }


def stage_records(operation_id: int, page: list[SourceItem]) -> None:
    """Insert and count records; invalid rows fail immediately."""
    rows = [_staged_row(operation_id, found) for found in page]
    staged = Counter(found.record.kind for found in page)
    guessed = Counter(found.record.kind for found in page if found.guess)
    insert_rows(ImportRecord, RECORD_COLUMNS, rows)
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
            unreadable=bad[kind, False],
            skipped=bad[kind, True],
            omitted=bad[kind, True],
            guessed=guessed[kind],
        )


def count_outcomes(operation_id: int, kind: Kind, **grown: int) -> None:
    """Increase the counts of a kind."""
    counted = KindCount.objects.filter(operation=operation_id, kind=kind)
    if not counted.update(**{name: F(name) + more for name, more in grown.items()}):
        KindCount.objects.create(operation_id=operation_id, kind=kind, **grown)


def _staged_row(operation_id: int, found: SourceItem) -> tuple[Any, ...]:
    record = found.record
    if not isinstance(record, BadRecord):
        return record_row(operation_id, found, RecordOutcome(Outcome.STAGED))
    outcome = Outcome.SKIPPED if record.is_left_out else Outcome.FAILED
    result = RecordOutcome(outcome, record.code, record.message)
    return record_row(operation_id, found, result)


def record_row(
    operation_id: int, found: SourceItem, result: RecordOutcome
) -> tuple[Any, ...]:
    """Return the values of `RECORD_COLUMNS` for a record with this outcome."""
    record = found.record
    return (
        operation_id,
        record.kind.value,
        record.import_ids[0][:_LONGEST_ID],
        data_of(record),
        isinstance(record, BadRecord),
        result.outcome.value,
        result.code,
        result.message,
        found.file[:_LONGEST_FILE],
        found.line,
        search_text_of(record),
        found.guess,
    )


@transaction.atomic
def _finish(
    operation: ImportOperation,
    report: Report,
    lease: Lease,
) -> None:
    _count_messages(operation.pk)
    _count_messages_of_matches(operation.pk)
    if operation.rest_of_id is not None:
        copy_corrections(operation.rest_of_id, operation.pk)
    lease.renew(
        report=report.as_json(),
        is_prepared=True,
        checkpoint=0,
        count_total=total_staged(operation.pk),
    )
    earlier = operation.parent_id or operation.rest_of_id
    if earlier is None or _needs_confirmation(earlier):
        move_operation(
            operation=operation, to=Status.USER_SELECTION, actor=SERVER, **LEASE_ENDED
        )
    else:  # a retry or a rest continues at once, with the same lease
        move_operation(operation=operation, to=Status.USER_SELECTION, actor=SERVER)
        is_retry = operation.rest_of_id is None
        stored = Selection.from_json(operation.selection)
        begin_run(
            operation=operation,
            selection=EVERYTHING if is_retry else stored,
            actor=SERVER,
            fails_existing=operation.fails_existing,
        )


def _needs_confirmation(earlier_id: int) -> bool:
    """Return whether a retry or a rest has to wait for new confirmations of matches."""
    earlier = ImportOperation.objects.get(pk=earlier_id)
    if Selection.from_json(earlier.selection).confirmed:
        return True
    return ImportRecord.objects.failed(earlier_id).filter(code=UNCONFIRMED).exists()


def _count_messages(operation_id: int) -> None:
    """Store the number of messages of each staged room."""
    messages_of: Counter[str] = Counter()
    numbers = MessageCount.objects.of_operation(operation_id)
    for room, messages in numbers.sum_by("room").items():
        messages_of[room[:_LONGEST_ID]] += messages
    rooms = ImportRecord.objects.of_kind(operation_id, Kind.CHANNEL)
    rows = [
        (messages_of[import_id], pk)
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
    numbers = MessageCount.objects.of_operation(operation_id).sum_by("author")
    update_rows(
        ImportRecord,
        ("message_count",),
        [(numbers.get(import_id, 0), pk) for import_id, pk in matches.items()],
    )


def total_staged(operation_id: int) -> int:
    """Return the number of an operation's records that a run can process."""
    counted = KindCount.objects.filter(operation=operation_id)
    numbers = counted.values_list("staged", "skipped")
    return sum(staged - skipped for staged, skipped in numbers)
