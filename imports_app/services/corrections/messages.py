"""Messages that will fail or that depend on a guess, in the spool of an import."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, cast

from django.db.models import Q

from accounts.models import User
from accounts.permission_names import PermissionName
from imports_app.engine.corrections.parts import read_corrected_part
from imports_app.engine.parts.spool import LONGEST_ROOM, CountKey, count_key
from imports_app.errors import CorrectionInvalidError, SourceError
from imports_app.models import (
    ImportOperation,
    ImportPart,
    ImportPlan,
    ImportRecord,
    Outcome,
)
from imports_app.records import Kind, MessageRecord, SourceItem
from imports_app.services.corrections.records import (
    CorrectableRecord,
    Place,
    can_correct,
    correctable,
)

MOST_PARTS: Final = 20
"""Parts that are read for a page: up to 100,000 messages."""


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Filter of messages: by room, and by guess or reason of failure."""

    room: str = ""
    """Import ID; empty for all rooms."""
    guess: str = ""
    """Code of a guess; empty for messages that will fail."""


@dataclass(frozen=True, slots=True)
class ListedMessage:
    """Message of the spool."""

    place: Place
    message: MessageRecord
    file: str
    line: int | None
    code: str
    """Code of the failure or of the guess."""

    @property
    def key(self) -> str:
        """Key of the record in addresses."""
        return "{}-{}".format(*self.place)


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Page of messages, and the place where the search continues."""

    messages: list[ListedMessage]
    next: Place | None
    """First place that was not searched; `None` on the last page."""


def list_messages(
    plan: ImportPlan, wanted: MessageFilter, *, start: Place = (0, 0), limit: int
) -> MessagePage:
    """Return the next messages that will fail, or that depend on a guess.

    Reads at most `MOST_PARTS` parts, so that a page may have fewer than `limit`
    messages although there are more.

    Args:
        plan: The complete plan of the import.
        wanted: Which messages to list.
        start: Place to begin with.
        limit: Maximum number of messages.

    Raises:
        CorrectionInvalidError: The storage of uploads is unavailable.
    """
    failing = failing_keys(plan)
    operation = plan.operation
    parts = ImportPart.objects.of_operation(operation.pk).filter(position__gte=start[0])
    if wanted.room:
        parts = parts.filter(Q(room=wanted.room[:LONGEST_ROOM]) | Q(room=""))
    found: list[ListedMessage] = []
    read = list(parts[: MOST_PARTS + 1])
    for part in read[:MOST_PARTS]:
        items = _read(operation, part) if part.size else []
        for item, source in enumerate(items):
            place = (part.position, item)
            if place < start or not (code := _code_of(source, wanted, failing)):
                continue
            if len(found) == limit:
                return MessagePage(found, place)
            message = cast("MessageRecord", source.record)
            found.append(ListedMessage(place, message, source.file, source.line, code))
    return MessagePage(
        found, (read[-1].position, 0) if len(read) > MOST_PARTS else None
    )


def failing_keys(plan: ImportPlan | None) -> dict[CountKey, str]:
    """Return the codes of messages that will fail, by `CountKey`."""
    rows = [] if plan is None else plan.failing
    return {(room, author, bool(bad)): code for room, author, bad, code in rows}


def _code_of(
    source: SourceItem, wanted: MessageFilter, failing: Mapping[CountKey, str]
) -> str:
    """Return why a message is listed; empty if it is not."""
    message = source.record
    if not isinstance(message, MessageRecord):
        return ""
    if wanted.room and message.room != wanted.room:
        return ""
    if wanted.guess:
        return source.guess if source.guess == wanted.guess else ""
    return failing.get(count_key(message), "")


def may_open(found: CorrectableRecord, user: User | None) -> bool:
    """Return whether a user with run-import may read and correct a record.

    Messages that will be imported unchanged require access to their rooms. Others can
    be read like those in `failures.zip`.
    """
    record = found.record
    if record.kind != Kind.MESSAGE or found.correction is not None or record.guess:
        return True
    if record.is_unreadable or record.outcome == Outcome.FAILED:
        return True
    if user is not None and user.has_perm(PermissionName.VIEW_ROOM_ADMINISTRATION):
        return True
    if _is_reported(found.operation, record):
        return True
    return bool(failure_of(found))


def failure_of(found: CorrectableRecord) -> str:
    """Return why a message will fail by the preview; empty if it won't fail."""
    plan = ImportPlan.objects.complete_of(found.operation.pk)
    key = count_key(MessageRecord(**found.original.data))
    return failing_keys(plan).get(key, "")


def _is_reported(operation: ImportOperation, record: ImportRecord) -> bool:
    """Return whether the check report names the line of a record."""
    place = {"file": record.source_file, "line": record.source_line}
    groups = (operation.report.get(name, {}) for name in ("warnings", "guesses"))
    return any(place in note["examples"] for notes in groups for note in notes.values())


def find_place(
    operation: ImportOperation, file: str, line: int | None
) -> CorrectableRecord | None:
    """Return the record of a line of the source that can be corrected, if there is one.

    Messages are searched in `MOST_PARTS` parts.

    Raises:
        CorrectionInvalidError: The storage of uploads is unavailable.
    """
    rows = ImportRecord.objects.filter(
        operation=operation, source_file=file, source_line=line
    )
    for record in rows.order_by("id")[:10]:
        if can_correct(operation, record):
            return correctable(operation, record)
    for part in islice(_parts_with(operation, file), MOST_PARTS):
        for item, source in enumerate(_read(operation, part)):
            if source.file == file and source.line == line:
                return CorrectableRecord(
                    operation,
                    ImportRecord(operation=operation, kind=Kind.MESSAGE),
                    place=(part.position, item),
                )
    return None


def _parts_with(operation: ImportOperation, file: str) -> Iterator[ImportPart]:
    """Yield the parts that may contain messages of a file, most likely ones first."""
    parts = ImportPart.objects.of_operation(operation.pk).in_spool()
    own = list(parts.filter(entry=file[:500])[:MOST_PARTS])
    yield from own
    others = parts.exclude(pk__in=[part.pk for part in own])
    if own:  # the file may begin in the part before
        others = others.filter(position__lt=own[0].position).reverse()
    yield from others[:MOST_PARTS]


def _read(operation: ImportOperation, part: ImportPart) -> list[SourceItem]:
    try:
        return read_corrected_part(operation, part).items
    except (OSError, SourceError) as error:
        raise CorrectionInvalidError(
            "The messages of the import can't be read at the moment. Try again later."
        ) from error
