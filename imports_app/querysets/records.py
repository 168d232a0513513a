"""Query sets of staged records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Min, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from config.db.bulk import in_chunks
from config.db.clock import midnight
from config.db.lower_in import LowerIn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from imports_app.models import ImportOperation, ImportRecord


@dataclass(frozen=True, slots=True)
class CodeCount:
    """Number of records with a code."""

    code: str
    records: int
    first: int
    """Key of the first record."""
    unreadable: int = 0
    """Number of records that could not be read, so that they can't be retried."""


def _is_lost(operation_id: int) -> Q:
    """Return the condition for records that can't be read and were not corrected."""
    corrections = apps.get_model("imports_app", "Correction").objects
    corrected = corrections.filter(operation=operation_id).values("record_id")
    return Q(is_unreadable=True) & ~Q(pk__in=corrected)


class ImportRecordQuerySet(models.QuerySet["ImportRecord"]):
    """Query set of staged records."""

    def waiting(self, operation_id: int, kind: str, *, after: int) -> Self:
        """Filter unprocessed records of one kind, in order."""
        rows = self.filter(
            operation=operation_id, kind=kind, id__gt=after, outcome="staged"
        )
        return rows.order_by("id")

    def as_texts(self) -> models.QuerySet[ImportRecord, tuple[int, str, str]]:
        """Return keys, import IDs and data, with the data as JSON texts."""
        text = Cast("data", models.TextField())
        return self.annotate(text=text).values_list("pk", "import_id", "text")

    def of_kind(self, operation_id: int, kind: str) -> Self:
        """Filter an operation's records of one kind, in order."""
        return self.filter(operation=operation_id, kind=kind).order_by("id")

    def of_operations(self, operations: Collection[ImportOperation]) -> Self:
        """Filter the kept records of these operations."""
        return self.filter(operation__in=operations)

    def failed(self, operation_id: int) -> Self:
        """Filter an operation's failed records, in order."""
        rows = self.filter(operation=operation_id, outcome="failed")
        return rows.order_by("id")

    def retryable(self, operation_id: int) -> Self:
        """Filter failed records that a retry can process: readable or corrected."""
        return self.failed(operation_id).exclude(_is_lost(operation_id))

    def failed_by_code(
        self, first: date, last: date
    ) -> models.QuerySet[ImportRecord, tuple[str, int]]:
        """Count the failed records of operations started on these days, by code."""
        rows = self.filter(outcome="failed").filter(
            operation__created_at__gte=midnight(first),
            operation__created_at__lt=midnight(last + timedelta(days=1)),
        )
        counted = rows.order_by().values_list("code").annotate(records=Count("id"))
        return counted.order_by("-records", "code")

    def failed_of(self, operation_ids: Collection[int]) -> dict[tuple[int, str], int]:
        """Count the failed records of some operations, by operation and code."""
        rows = self.filter(operation__in=operation_ids, outcome="failed").order_by()
        counted = rows.values_list("operation", "code").annotate(records=Count("id"))
        return {
            (operation_id, code): records for operation_id, code, records in counted
        }

    def newest_failure(self, operation_id: int) -> ImportRecord | None:
        """Return the last failed record, without its data, or `None`."""
        return self.failed(operation_id).defer("data").last()

    def failures_by_code(self, operation_id: int) -> list[CodeCount]:
        """Count an operation's failed records by code, the most frequent first."""
        return self.failed(operation_id).count_by_code(operation_id)

    def kept_by_code(self, undo_id: int) -> list[CodeCount]:
        """Count the records that an undo kept, by code, the most frequent first."""
        kept = self.filter(operation=undo_id, outcome="skipped")
        return kept.count_by_code(undo_id)

    def count_by_code(self, operation_id: int) -> list[CodeCount]:
        """Count an operation's filtered records by code, the most frequent first."""
        codes = self.order_by().values_list("code")
        counted = codes.annotate(
            records=Count("id"),
            first=Min("id"),
            unreadable=Count("id", filter=_is_lost(operation_id)),
        )
        return [CodeCount(*row) for row in counted.order_by("-records", "code")]

    def unreadable_by_code(
        self,
    ) -> models.QuerySet[ImportRecord, tuple[str, str, int]]:
        """Count the records that can't be read by outcome and code."""
        codes = (
            self.filter(is_unreadable=True).order_by().values_list("outcome", "code")
        )
        return codes.annotate(records=Count("id")).order_by("outcome", "code")

    def failed_with(self, code: str) -> Self:
        """Filter records that failed with this code."""
        return self.filter(outcome="failed", code=code)

    def completed(self) -> Self:
        """Filter records whose user, room or file is in the workspace."""
        outcomes = ("imported", "updated", "unchanged")
        return self.filter(outcome__in=outcomes, target_id__isnull=False)

    def noted(self, operation_id: int) -> Self:
        """Filter an operation's completed records with a note, in order."""
        rows = self.filter(operation=operation_id).completed()
        return rows.exclude(message="").order_by("id")

    def rooms_of(self, operation_id: int) -> models.QuerySet[ImportRecord, Any]:
        """Return the rooms of a source as dictionaries, without their members."""
        rooms = self.of_kind(operation_id, "channel").filter(is_unreadable=False)
        names = {"source_name": KT("data__name"), "room_type": KT("data__type")}
        rows: models.QuerySet[ImportRecord, Any] = rooms.annotate(**names).values(
            *("pk", "import_id", "outcome", "message", "target_id", "message_count"),
            *names,
        )
        return rows

    def of_room(self, import_id: str) -> Self:
        """Filter messages of a room."""
        return self.filter(kind="message", data__room=import_id)

    def targets(
        self, operation_id: int, kind: str
    ) -> models.QuerySet[ImportRecord, int | None]:
        """Return the distinct keys of the users or rooms of an operation's records."""
        rows = self.filter(operation=operation_id, kind=kind).completed().order_by()
        return rows.values_list("target_id", flat=True).distinct()

    def at(self, file: str, line: int) -> Self:
        """Filter records of a line in files whose name contains a text."""
        return self.filter(source_file__icontains=file, source_line=line)

    def with_operation(self) -> Self:
        """Also load the operations, without their selections."""
        plans = ("operation__selection", "operation__report")
        return self.select_related("operation").defer(*plans)

    def after(self, pk: int) -> Self:
        """Filter records after this key."""
        return self.filter(id__gt=pk)

    def narrowed(
        self, outcome: str | None, kind: str | None, *, guessed: bool = False
    ) -> Self:
        """Filter records by outcome and kind, if given."""
        given = {"outcome": outcome, "kind": kind}
        rows = self.filter(**{key: value for key, value in given.items() if value})
        return rows.guessed() if guessed else rows

    def guessed(self) -> Self:
        """Filter records that depend on a guess."""
        return self.exclude(guess="")

    def guessed_with(self, guess: str) -> Self:
        """Filter records that depend on this guess."""
        return self.filter(guess=guess)

    def guesses_by_code(self, operation_id: int) -> list[CodeCount]:
        """Count an operation's guessed records by code, the most frequent first."""
        codes = self.filter(operation=operation_id).guessed().values_list("guess")
        counted = codes.order_by().annotate(records=Count("id"), first=Min("id"))
        return [CodeCount(*row) for row in counted.order_by("-records", "guess")]

    def of_import_ids(
        self, operation_id: int, kind: str, import_ids: Collection[str]
    ) -> Iterator[ImportRecord]:
        """Yield an operation's readable records with these first import IDs."""
        rows = self.of_kind(operation_id, kind).filter(is_unreadable=False)
        for chunk in in_chunks(import_ids):
            yield from rows.filter(import_id__in=chunk)

    def with_usernames(
        self, names: Collection[str]
    ) -> models.QuerySet[ImportRecord, tuple[str, str]]:
        """Return username and import ID of users with one of these names."""
        rows = self.annotate(text=KT("data__username")).order_by()
        return rows.filter(LowerIn("text", names)).values_list("text", "import_id")

    def with_first_addresses(
        self, addresses: Collection[str]
    ) -> models.QuerySet[ImportRecord, tuple[str, str]]:
        """Return first address and import ID of users with one of these addresses."""
        rows = self.annotate(text=KT("data__emails__0")).order_by()
        found = rows.filter(LowerIn("text", addresses))
        return found.values_list("text", "import_id")

    def names(self) -> models.QuerySet[ImportRecord, tuple[str, str | None]]:
        """Return import ID and name of each record."""
        rows = self.filter(is_unreadable=False).annotate(text=KT("data__name"))
        return rows.order_by().values_list("import_id", "text")

    def count_by_kind(self) -> dict[str, int]:
        """Count the records by kind."""
        rows = self.order_by().values_list("kind").annotate(records=Count("id"))
        return dict(rows)

    def room_names(self, keys: Iterable[int]) -> dict[int, str]:
        """Return the names of rooms in the source, by key of the record.

        Direct messages have the import IDs of their members.
        """
        rows = self.filter(pk__in=list(keys)).values_list("pk", "import_id", "data")
        return {
            pk: f"#{data['name']}"
            if data.get("name")
            else ", ".join(data.get("members", ())) or import_id
            for pk, import_id, data in rows
        }

    def count_by_room(self) -> dict[str, int]:
        """Count readable messages by import ID of their room."""
        return self._messages_by("data__room")

    def count_by_author(self) -> dict[str, int]:
        """Count readable messages by import ID of their author."""
        return self._messages_by("data__author")

    def _messages_by(self, key: str) -> dict[str, int]:
        rows = self.filter(is_unreadable=False).order_by()
        counted = rows.values_list(KT(key)).annotate(messages=Count("id"))
        return dict(counted)

    def count_by_outcome(self) -> dict[tuple[str, str], int]:
        """Count the records by kind and outcome."""
        rows = self.order_by().values_list("kind", "outcome")
        return {
            (kind, outcome): records
            for kind, outcome, records in rows.annotate(records=Count("id"))
        }
