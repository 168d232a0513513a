"""Conversion of messages, part by part, with any number of workers.

The worker with the operation's lease coordinates the others: it requests help, converts
parts itself, and recovers the parts of dead workers. Each page is one transaction with
the messages, the failed records, and the part's counts and checkpoint.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final, TypeAlias, TypeVar, cast

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from config.db.bulk import in_chunks, insert_rows
from imports_app.counters import sum_parts
from imports_app.engine.converters.messages import MessageConverter
from imports_app.engine.corrections.parts import (
    CorrectedPart,
    correct_part,
    correct_places,
    skip_messages,
    write_message_outcomes,
)
from imports_app.engine.lease import Lease
from imports_app.engine.matching.user_lookup import UserLookup
from imports_app.engine.outcomes import RecordOutcome, convert_page
from imports_app.engine.parts.claims import COUNTED, Claim, PartLostError
from imports_app.engine.parts.spool import (
    LONGEST_ROOM,
    prepared_data_lost,
    read_part,
    read_places,
)
from imports_app.engine.parts.trial import TrialSelection, store_selection
from imports_app.engine.retries import (
    StoppedError,
    retry_on_disconnect,
    retry_on_outage,
    run_watched,
    stopping,
)
from imports_app.engine.staging import RECORD_COLUMNS, record_row
from imports_app.errors import StorageUnavailableError
from imports_app.models import (
    ImportOperation,
    ImportPart,
    ImportRecord,
    Outcome,
    RoomCount,
)
from imports_app.querysets.parts import ImportPartQuerySet
from imports_app.records import MessageRecord, SourceItem

T = TypeVar("T")
RequestHelp: TypeAlias = Callable[[int], None]
"""Function that asks other workers for help with a number of parts."""

PAGES: Final = {"sqlite": 1_000, "postgresql": 5_000}
"""Messages in a page, by database (docs/benchmarks.md)."""
_SUMMED_EVERY: Final = 1.0
"""Seconds between two sums of the parts' counters."""
_POLL_SECONDS: Final = 0.1


def import_messages(
    operation: ImportOperation,
    people: UserLookup,
    lease: Lease,
    request_help: RequestHelp,
) -> None:
    """Convert all parts, with the help of other workers.

    Raises:
        LeaseLostError: The operation was cancelled or taken over.
        StoppedError: The process is shutting down.
        SourceError: The messages are missing or damaged.
        StorageUnavailableError: The storage of uploads is unavailable.
    """
    unfinished = ImportPart.objects.of_operation(operation.pk).unfinished()
    worker = _Worker(operation, people, lease)
    worker.skip_unselected()
    if operation.is_trial and operation.trial_messages is not None:
        worker.select_trial(operation.trial_messages)
    waiting = retry_on_disconnect(unfinished.count, check=lease.check)
    if waiting > 1:
        retry_on_disconnect(partial(request_help, waiting - 1), check=lease.check)
    worker.convert_parts()
    while retry_on_disconnect(unfinished.exists, check=lease.check):
        if stopping.wait(_POLL_SECONDS):  # others convert the last parts
            raise StoppedError
        worker.sum_counters()
        worker.convert_parts()
    worker.sum_counters(at_once=True)


def convert_parts(operation: ImportOperation, people: UserLookup, lease: Lease) -> None:
    """Convert parts until none is free.

    Raises:
        LeaseLostError: The operation has ended.
        StoppedError: The process is shutting down.
        SourceError: The messages are missing or damaged.
        StorageUnavailableError: The storage of uploads is unavailable.
    """
    _Worker(operation, people, lease).convert_parts()


class _Worker:
    """Conversion of an operation's parts by this process."""

    def __init__(
        self, operation: ImportOperation, people: UserLookup, lease: Lease
    ) -> None:
        self._operation = operation
        self._lease = lease
        self._converter = self._retry(lambda: MessageConverter(operation.pk, people))
        self._page_size = PAGES[connection.vendor]
        self._summed_at = time.monotonic()

    def _retry(self, step: Callable[[], T]) -> T:
        return retry_on_disconnect(step, check=self._lease.check)

    def skip_unselected(self) -> None:
        """Skip the parts of rooms that are not selected, without reading them."""
        parts = ImportPart.objects.of_operation(self._operation.pk).unfinished()
        for rooms in in_chunks(self._converter.skipped_rooms()):
            skipped = parts.filter(room__in=rooms, checkpoint=0)
            self._retry(partial(self._skip, skipped))

    @transaction.atomic
    def _skip(self, parts: ImportPartQuerySet) -> None:
        counts = Counter[str]()
        positions = []
        for position, room, messages in parts.values_list(
            "position", "room", "messages"
        ):
            positions.append(position)
            counts[room] += messages
        skip_messages(self._operation.pk, positions)
        parts.update(checkpoint=F("messages"), skipped=F("messages"))
        _count_in_rooms(
            self._operation.pk,
            Counter({(room, Outcome.SKIPPED): one for room, one in counts.items()}),
        )

    def select_trial(self, messages: int) -> None:
        """Select the first messages of each room, unless that is already done."""
        parts = ImportPart.objects.of_operation(self._operation.pk).unfinished()
        unselected: list[ImportPart]
        unselected = self._retry(lambda: list(parts.without_trial()))
        if not unselected:
            return
        selection = TrialSelection(messages, self._converter.skipped_rooms())
        for part in unselected:
            read = self._read(read_places, part) if part.size else []
            places = self._retry(partial(correct_places, part, read))
            selection.add(part.position, places)
            self._lease.end_page()
        self._retry(partial(store_selection, unselected, selection, self._lease))

    def convert_parts(self) -> None:
        """Convert parts until none is free."""
        take = partial(Claim.take, self._operation.pk, self._lease.owner)
        while (claim := self._retry(take)) is not None:
            try:
                self._convert_part(claim)
            except PartLostError:
                self._lease.check()  # taken over, unless the operation has ended
            except StoppedError:
                with suppress(OperationalError, InterfaceError):
                    claim.release()
                raise

    def sum_counters(self, *, at_once: bool = False) -> None:
        """Store the sums of the parts' counters, at most once a second."""
        now = time.monotonic()
        if at_once or now - self._summed_at >= _SUMMED_EVERY:
            self._retry(self._sum)
            self._summed_at = now

    @transaction.atomic
    def _sum(self) -> None:
        self._lease.renew()
        counters = sum_parts(self._operation.pk)
        ImportOperation.objects.filter(pk=self._operation.pk).change(**counters)

    def _convert_part(self, claim: Claim) -> None:
        items = self._read(read_part, claim.part) if claim.part.size else []
        part = self._retry(partial(correct_part, claim.part, items))
        while self._retry(partial(self._convert_page, claim, part)):
            self.sum_counters()
            self._lease.end_page()

    def _read(
        self, reader: Callable[[ImportOperation, ImportPart], T], part: ImportPart
    ) -> T:
        """Read a part, also if the storage is unavailable for some seconds.

        The reader runs in a thread, which has no connection to the database.
        """
        read = partial(reader, self._operation, part)
        try:
            return run_watched(partial(retry_on_outage, read), watch=self.sum_counters)
        except StorageUnavailableError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise prepared_data_lost() from error
            raise

    def _convert_page(self, claim: Claim, part: CorrectedPart) -> bool:
        """Convert the next page; return False if there is none."""
        start = claim.position()
        places, end = _page_of(claim.part, start, self._page_size)
        page = [part.items[place] for place in places]
        if not page:
            return False
        with transaction.atomic():
            results = convert_page(self._converter.convert, page)
            in_rooms = Counter(
                zip(
                    (record.room for record in _records_of(page)),
                    (result.outcome for result in results),
                    strict=True,
                )
            )
            _count_in_rooms(self._operation.pk, in_rooms)
            outcomes = Counter[Outcome]()
            for (_room, outcome), number in in_rooms.items():
                outcomes[outcome] += number
            write_message_outcomes(part.record_ids, places, results)
            if outcomes[Outcome.FAILED]:
                new = [
                    (found, result)
                    for place, found, result in zip(places, page, results, strict=True)
                    if place not in part.record_ids
                ]
                _write_failed(self._operation.pk, new)
            claim.advance(start, end, outcomes)
        return True


def _records_of(page: Sequence[SourceItem]) -> list[MessageRecord]:
    return cast("list[MessageRecord]", [found.record for found in page])


def _page_of(part: ImportPart, start: int, most: int) -> tuple[Sequence[int], int]:
    """Return the places of the next messages of a part, and the position after them.

    A trial run skips the messages that it does not import.
    """
    if part.trial is None:
        end = min(start + most, part.messages)
        return range(start, end), end
    places = [place for place in part.trial if place >= start]
    end = places[most] if len(places) > most else part.messages
    return places[:most], end


def _count_in_rooms(operation_id: int, outcomes: Counter[tuple[str, Outcome]]) -> None:
    """Store the outcomes of messages by import ID of their room."""
    rooms = dict.fromkeys(room for room, _outcome in outcomes)
    rows = [
        (operation_id, room[:LONGEST_ROOM], *(outcomes[room, one] for one in COUNTED))
        for room in rooms
    ]
    insert_rows(RoomCount, ("operation", "room", *COUNTED), rows)


def _write_failed(
    operation_id: int, results: Sequence[tuple[SourceItem, RecordOutcome]]
) -> None:
    """Store the failed messages, for the list of failures and for a retry."""
    rows = [
        record_row(operation_id, found, result)
        for found, result in results
        if result.outcome is Outcome.FAILED
    ]
    insert_rows(ImportRecord, RECORD_COLUMNS, rows)
