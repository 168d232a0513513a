"""Corrected messages in parts, which replace or supplement the read messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from config.db.bulk import in_chunks, update_rows
from imports_app.engine.outcomes import NOT_SELECTED, RecordOutcome
from imports_app.engine.parts.spool import (
    CountKey,
    MessagePlace,
    count_key,
    prepared_data_lost,
    read_part,
)
from imports_app.models import (
    Correction,
    ImportOperation,
    ImportPart,
    ImportRecord,
    Outcome,
)
from imports_app.records import MessageRecord, SourceItem


@dataclass(frozen=True, slots=True)
class CorrectedPart:
    """Messages of a part, with the corrected ones."""

    items: list[SourceItem]
    record_ids: Mapping[int, int]
    """Keys of the records of corrected messages, by their place in the part."""


def read_corrected_part(operation: ImportOperation, part: ImportPart) -> CorrectedPart:
    """Return a part's messages with the corrections applied. One query.

    Raises:
        OSError: The spool is missing or can't be read.
        SourceError: The part is damaged.
    """
    items = read_part(operation, part) if part.size else []
    return correct_part(part, items)


def correct_part(part: ImportPart, items: list[SourceItem]) -> CorrectedPart:
    """Return the messages of a part with the corrections applied. One query.

    Args:
        part: The part.
        items: The messages that were read; empty if the part is not in the spool.

    Raises:
        SourceError: Messages are missing.
    """
    record_ids: dict[int, int] = {}
    for one in Correction.objects.of_part(part.operation_id, part.position):
        original = one.original
        place = original["source_file"], original["source_line"]
        corrected = SourceItem(MessageRecord(**one.data), *place)
        if one.item is None:
            record_ids[len(items)] = one.record_id
            items.append(corrected)
        else:
            record_ids[one.item] = one.record_id
            items[one.item] = corrected
    if len(items) != part.messages:
        raise prepared_data_lost()
    return CorrectedPart(items, record_ids)


def correct_places(part: ImportPart, places: list[MessagePlace]) -> list[MessagePlace]:
    """Return room and time of a part's messages with the corrections applied.

    One query.
    """
    for one in Correction.objects.of_part(part.operation_id, part.position):
        corrected = one.data["room"], one.data["sent_at"]
        if one.item is None:
            places.append(corrected)
        else:
            places[one.item] = corrected
    return places


def write_message_outcomes(
    record_ids: Mapping[int, int],
    places: Sequence[int],
    results: Sequence[RecordOutcome],
) -> None:
    """Store the outcomes of the corrected messages of a page.

    Args:
        record_ids: Keys of records by place in the part.
        places: Places of the page's messages.
        results: Their outcomes.
    """
    if not record_ids:
        return
    rows = [
        (result.outcome.value, result.code, result.message, record_ids[place])
        for place, result in zip(places, results, strict=True)
        if place in record_ids
    ]
    if rows:
        update_rows(ImportRecord, ("outcome", "code", "message"), rows)


def skip_messages(operation_id: int, positions: Sequence[int]) -> None:
    """Mark the corrected messages of some parts as not selected."""
    for chunk in in_chunks(positions):
        skipped = Correction.objects.of_messages(operation_id).filter(part__in=chunk)
        ImportRecord.objects.filter(pk__in=skipped.values("record_id")).update(
            outcome=Outcome.SKIPPED,
            code=NOT_SELECTED.code,
            message=NOT_SELECTED.message,
        )


def moved_counts(operation_id: int) -> Counter[CountKey]:
    """Return how corrections change the numbers of messages by room and author."""
    moved: Counter[CountKey] = Counter()
    for one in Correction.objects.of_messages(operation_id):
        moved[count_key(MessageRecord(**one.data))] += 1
        if one.item is not None:
            moved[count_key(MessageRecord(**one.original["data"]))] -= 1
    return moved


def digest_of(operation_id: int) -> str:
    """Return a digest of the corrections that the run uses; empty without any."""
    rows: list[Any] = list(
        Correction.objects.before_run(operation_id).values_list(
            *("id", "revision", "record_id", "data")
        )
    )
    if not rows:
        return ""
    content = orjson.dumps(rows, option=orjson.OPT_SORT_KEYS)
    return sha256(content).hexdigest()
