"""Queries for selecting staged users and rooms: search, filters and counts.

A record's data has no entries for default values (`imports_app.records.data_of`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    OuterRef,
    Q,
    Sum,
    Value,
    When,
)
from django.db.models.fields.json import (  # type: ignore[attr-defined] # not in stubs
    KeyTextTransform,
    KeyTransform,
    compile_json_path,
)
from django.db.models.functions import Coalesce, Least, Lower

from accounts.models import EmailAddress, ImportId, User
from imports_app.importers.registry import all_importers
from imports_app.models import (
    Decision,
    DecisionAction,
    ImportRecord,
    Room,
    RoomImportId,
)
from imports_app.querysets.records import ImportRecordQuerySet
from imports_app.records import Kind, RoomType
from imports_app.selection.rules import DIRECT_MESSAGES, KindSelection, Selection

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

SELECTABLE_KINDS: Final = (Kind.USER, Kind.CHANNEL)
"""Kinds with a selection list."""
_IDENTIFYING_BY_USERNAME: Final = tuple(
    importer.key
    for importer in all_importers()
    if importer.identifies_users_by_username
)


class _Text(KeyTextTransform):
    """Text value in a record's data.

    On SQLite, Django first queries the type of the value to support `true` and `null`.
    This is unnecessary for texts, and slow when many records are counted.
    """

    def as_sqlite(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,
        **extra_context: Any,
    ) -> tuple[str, tuple[str | int, ...]]:
        column, parameters, keys = self.preprocess_lhs(compiler, connection)
        return f"JSON_EXTRACT({column}, %s)", (*parameters, compile_json_path(keys))


def _known_users(*, privileged: bool = False) -> Q:
    """Return the condition for records of existing users, or privileged ones only."""
    email = _Text(0, KeyTransform("emails", OuterRef("data")))
    username = _Text("username", OuterRef("data"))
    addressed = EmailAddress.objects.alias(key=Lower("address"))
    named = User.objects.alias(key=Lower("username"))
    identified = ImportId.objects.filter(value=OuterRef("import_id"))
    addressed = addressed.filter(key=Lower(email))
    named = named.filter(key=Lower(username))
    # If a source does not identify users by username, only privileged users match.
    unnamed = named.filter(User.objects.is_privileged("pk"))
    if privileged:
        identified = identified.filter(User.objects.is_privileged("user_id"))
        addressed = addressed.filter(User.objects.is_privileged("user_id"))
        named = unnamed
    by_username = Q(Exists(named), operation__importer_key__in=_IDENTIFYING_BY_USERNAME)
    return (
        Q(Exists(identified))
        | Q(Exists(addressed))
        | (Q(data__is_known_by_name__isnull=True) & (by_username | Q(Exists(unnamed))))
    )


def _known_rooms() -> Q:
    name, room_type = (_Text(key, OuterRef("data")) for key in ("name", "type"))
    identified = RoomImportId.objects.filter(value=OuterRef("import_id"))
    named = Room.objects.filter(name=name, type=room_type)
    # A room from another source is a different room, even with the same name.
    unclaimed = named.filter(import_ids__isnull=True)
    return (
        Q(Exists(identified))
        | Q(Exists(unclaimed))
        | Q(Exists(named), data__is_known_by_name=True)
    )


_IS_DIRECT: Final = Q(data__type=RoomType.DIRECT)
_ACTIVE: Final = Q(data__is_deleted__isnull=True) | Q(data__is_deleted=False)
TRAITS: Final[dict[Kind, dict[str, Q]]] = {
    Kind.USER: {
        "new": ~_known_users(),
        "known": _known_users(),
        "people": Q(data__is_bot__isnull=True) & _ACTIVE,
        "bots": Q(data__is_bot=True),
        "deleted": Q(data__is_deleted=True),
        "no-email": Q(data__emails__isnull=True),
        "privileged": _known_users(privileged=True),
    },
    Kind.CHANNEL: {
        "new": ~_known_rooms(),
        "known": _known_rooms(),
        "public": Q(data__type=RoomType.PUBLIC),
        "private": Q(data__type=RoomType.PRIVATE),
        "archived": Q(data__is_archived=True),
        "empty": Q(message_count=0),
    },
}
"""Filters of the lists. `known` are existing users and rooms, matched by the first
import ID, the first e-mail address, or the name."""


def selectable_records(operation_id: int, kind: Kind) -> ImportRecordQuerySet:
    """Return the selectable records of a kind, without direct rooms."""
    rows = ImportRecord.objects.of_kind(operation_id, kind).filter(is_unreadable=False)
    return rows.exclude(_IS_DIRECT) if kind is Kind.CHANNEL else rows


def search_condition(kind: Kind, text: str, trait: str) -> Q:
    """Return the condition of a search; empty or unknown criteria match all."""
    wanted = TRAITS[kind].get(trait, Q())
    if text:
        wanted &= Q(search_text__contains=text.lower())
    return wanted


def annotate_selected(
    rows: ImportRecordQuerySet, kind: Kind, selection: KindSelection
) -> ImportRecordQuerySet:
    """Annotate each record with `is_selected`."""
    return rows.annotate(is_selected=_decision(kind, selection))


def filter_selected(
    rows: ImportRecordQuerySet, kind: Kind, selection: KindSelection
) -> ImportRecordQuerySet:
    """Filter the records that are selected."""
    return rows.alias(is_selected=_decision(kind, selection)).filter(is_selected=True)


def _decision(kind: Kind, selection: KindSelection) -> Case:
    """Return the condition that selects a record: its own entry, or the last rule."""
    return Case(
        When(import_id__in=selection.ids, then=Value(True)),
        When(import_id__in=selection.deselected, then=Value(False)),
        *(
            When(
                search_condition(kind, rule.text, rule.trait) or Q(pk__isnull=False),
                then=Value(rule.takes),
            )
            for rule in reversed(selection.rules)
        ),
        default=Value(selection.everything),
        output_field=BooleanField(),
    )


def includes_direct_messages(selection: KindSelection) -> bool:
    """Return whether direct messages are selected; they are selected together."""
    return selection.includes(DIRECT_MESSAGES)


@dataclass(frozen=True, slots=True)
class SelectionCounts:
    """Counts of found and selected records of a kind."""

    found: int
    selected: int
    existing: int
    """Selected records that already exist."""
    messages: int
    """Messages in the selected rooms."""
    skipped: int = 0
    """Records that a decision skips; they do not count as selected."""
    unconfirmed: int = 0
    """Selected users with an unconfirmed match with a privileged user."""


def count_selected_users(operation_id: int, selection: Selection) -> SelectionCounts:
    """Count the selected users. Two queries.

    The second query only reads users whom the first one counted as existing.
    """
    counted = count_selected(operation_id, Kind.USER, selection.users)
    if not counted.existing:
        return counted
    rows = selectable_records(operation_id, Kind.USER).filter(
        TRAITS[Kind.USER]["privileged"]
    )
    selected = filter_selected(rows, Kind.USER, selection.users).exclude(
        _is_skipped(operation_id, Kind.USER)
    )
    confirmed = list(selection.confirmed)
    return replace(counted, unconfirmed=selected.exclude(pk__in=confirmed).count())


def count_selected(
    operation_id: int, kind: Kind, selection: KindSelection
) -> SelectionCounts:
    """Count the selected records. One query."""
    rows = annotate_selected(
        selectable_records(operation_id, kind), kind, selection
    ).order_by()
    skipped = _is_skipped(operation_id, kind)
    selected = Q(is_selected=True) & ~skipped
    sums = rows.aggregate(
        found=Count("id"),
        selected=Count("id", filter=selected),
        skipped=Count("id", filter=Q(is_selected=True) & skipped),
        existing=Count("id", filter=selected & TRAITS[kind]["known"]),
        messages=Coalesce(Sum("message_count", filter=selected), 0),
    )
    return SelectionCounts(**sums)


def _is_skipped(operation_id: int, kind: Kind) -> Q:
    """Return the condition for records that a person decided to skip."""
    decisions = Decision.objects.of_operation(operation_id).filter(
        kind=kind, action=DecisionAction.SKIP
    )
    return Q(import_id__in=decisions.order_by().values("import_id"))


def count_trial_messages(
    operation_id: int, selection: KindSelection, messages: int
) -> int:
    """Count the first messages of each selected room. One query.

    Args:
        operation_id: The operation's key.
        selection: The selected rooms.
        messages: Maximum number of messages of each room.
    """
    rooms = ImportRecord.objects.of_kind(operation_id, Kind.CHANNEL)
    rows = annotate_selected(
        rooms.filter(is_unreadable=False), Kind.CHANNEL, selection
    ).order_by()
    wanted = Q(is_selected=True) & ~_IS_DIRECT
    if includes_direct_messages(selection):
        wanted |= _IS_DIRECT
    first = Least(Coalesce("message_count", 0), Value(messages))
    rows = rows.filter(wanted).exclude(_is_skipped(operation_id, Kind.CHANNEL))
    counted: int = rows.aggregate(sum=Coalesce(Sum(first), 0))["sum"]
    return counted


def count_direct_messages(
    operation_id: int, selection: KindSelection
) -> SelectionCounts:
    """Count direct rooms, which are selected together. One query."""
    rows = ImportRecord.objects.of_kind(operation_id, Kind.CHANNEL).filter(
        _IS_DIRECT, is_unreadable=False
    )
    sums = rows.order_by().aggregate(
        found=Count("id"),
        existing=Count(
            "id",
            filter=Exists(RoomImportId.objects.filter(value=OuterRef("import_id"))),
        ),
        messages=Coalesce(Sum("message_count"), 0),
    )
    if includes_direct_messages(selection):
        return SelectionCounts(selected=sums["found"], **sums)
    return SelectionCounts(found=sums["found"], selected=0, existing=0, messages=0)
