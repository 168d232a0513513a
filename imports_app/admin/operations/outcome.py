"""What came of an operation: counts by kind, failures by code, what it made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permission_names import PermissionName
from config.admin.formatting import grouped
from imports_app.admin.labels import plural
from imports_app.admin.links import records_of
from imports_app.admin.operations.progress import in_order
from imports_app.admin.workspace.links import conversation_url
from imports_app.error_catalog import Explanation, explanation_of
from imports_app.models import ImportOperation, ImportRecord, KindCount, Outcome, Room
from imports_app.records import Kind

_SHOWN: Final = 10
_OUTCOMES: Final = (
    Outcome.IMPORTED,
    Outcome.UPDATED,
    Outcome.SKIPPED,
    Outcome.FAILED,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A count that may lead to the records it counts."""

    name: Any
    text: str
    href: str = ""
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class KindOutcome:
    """A row of the table of outcomes."""

    name: Any
    found: str
    numbers: list[Number]


@dataclass(frozen=True, slots=True)
class Failures:
    """The records that failed with one code."""

    code: str
    explanation: Explanation
    records: int
    href: str
    example: ImportRecord

    @property
    def text(self) -> str:
        """How many there are."""
        return grouped(self.records)

    @property
    def place(self) -> str:
        """File and line of the first one."""
        return place_of(self.example)


@dataclass(frozen=True, slots=True)
class Thing:
    """A room or a user that an operation made or completed."""

    name: str
    note: str
    href: str


@dataclass(frozen=True, slots=True)
class Made:
    """The first rooms or users, and where all are."""

    title: Any
    things: list[Thing]
    is_all: bool
    href: str


def place_of(record: ImportRecord) -> str:
    """Return file and line, as editors write them."""
    if record.source_line is None:
        return record.source_file
    return f"{record.source_file}:{record.source_line}"


def outcomes_of(
    operation: ImportOperation, kinds: Sequence[KindCount]
) -> list[KindOutcome]:
    """Return the counts by kind; each leads to its records, as far as they are kept."""
    return [
        KindOutcome(
            plural(count.kind),
            grouped(count.staged),
            [
                *(_number(operation, count, outcome) for outcome in _OUTCOMES),
                _guessed(operation, count),
            ],
        )
        for count in in_order(kinds)
    ]


def failures_of(operation: ImportOperation) -> list[Failures]:
    """Return the failures by code, each with its first example."""
    counted = ImportRecord.objects.failures_by_code(operation.pk)
    firsts = [row.first for row in counted]
    examples = ImportRecord.objects.defer("data").in_bulk(firsts)
    return [
        Failures(
            row.code,
            explanation_of(row.code),
            row.records,
            records_of(operation, outcome__exact=Outcome.FAILED, code=row.code),
            examples[row.first],
        )
        for row in counted
        if row.first in examples
    ]


def made_by(
    request: HttpRequest, operation: ImportOperation, kinds: Sequence[KindCount]
) -> list[Made]:
    """Return the rooms and the users that came in; links for those who may see them."""
    came_in = {Kind(count.kind) for count in kinds if count.imported or count.updated}
    made = []
    if Kind.CHANNEL in came_in:
        made.append(_made(request, operation, Kind.CHANNEL))
    if Kind.USER in came_in:
        made.append(_made(request, operation, Kind.USER))
    return [one for one in made if one.things]


def _made(request: HttpRequest, operation: ImportOperation, kind: Kind) -> Made:
    records = ImportRecord.objects.of_kind(operation.pk, kind).imported_or_updated()
    found = records.values_list("target_id", flat=True)[: _SHOWN + 1]
    targets = [target for target in found if target is not None]
    things = _rooms if kind is Kind.CHANNEL else _users
    return Made(
        plural(kind),
        things(request, list(dict.fromkeys(targets[:_SHOWN]))),
        len(targets) <= _SHOWN,
        records_of(operation, kind__exact=kind, came_in="yes"),
    )


def _rooms(request: HttpRequest, keys: Sequence[int]) -> list[Thing]:
    may_see = request.user.has_perm(PermissionName.VIEW_ROOM_ADMINISTRATION)
    rooms = Room.objects.in_bulk(keys)
    return [
        Thing(
            str(room),
            ngettext("%s message", "%s messages", room.message_count)
            % grouped(room.message_count),
            conversation_url(key) if may_see else "",
        )
        for key in keys
        if (room := rooms.get(key)) is not None
    ]


def _users(request: HttpRequest, keys: Sequence[int]) -> list[Thing]:
    may_see = request.user.has_perm(PermissionName.VIEW_USER_ADMINISTRATION)
    users = User.objects.in_bulk(keys)
    return [
        Thing(
            str(user),
            user.name,
            reverse("admin:accounts_user_change", args=[key]) if may_see else "",
        )
        for key in keys
        if (user := users.get(key)) is not None
    ]


def _guessed(operation: ImportOperation, count: KindCount) -> Number:
    """Return how many records rest on a guess, with a link to those that are kept."""
    href = records_of(operation, kind__exact=count.kind, guess="any")
    return Number(
        _("Guessed"),
        grouped(count.guessed),
        href if count.guessed and count.kind != Kind.MESSAGE else "",
    )


def _number(operation: ImportOperation, count: KindCount, outcome: Outcome) -> Number:
    """Return a count; messages that came in are in their rooms, no longer records."""
    number: int = getattr(count, outcome)
    is_kept = count.kind != Kind.MESSAGE or outcome in {
        Outcome.SKIPPED,
        Outcome.FAILED,
    }
    href = records_of(operation, kind__exact=count.kind, outcome__exact=outcome)
    return Number(
        capfirst(outcome.label),
        grouped(number),
        href if number and is_kept else "",
        is_bad=outcome is Outcome.FAILED and number > 0,
    )
