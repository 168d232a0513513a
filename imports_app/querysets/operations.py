"""Query sets of import operations and their timelines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    Sum,
    When,
)

from accounts.models import User
from config.db.clock import midnight, now_in_milliseconds
from imports_app.querysets.overall_status import (
    CONDITIONS,
    IN_DATABASE,
    OverallStatus,
)
from imports_app.statuses import (
    FINISHED,
    RUNNING,
    STATUSES_OF,
    UNDO_KEY,
    State,
    Status,
    UndoState,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from imports_app.models import EventOrder, ImportOperation, OperationEvent


WITH_ERRORS: Final = Q(count_error__gt=0) | Q(status=Status.FAILED.value)


@dataclass(frozen=True, slots=True)
class DayCount:
    """Number of operations that started on a day and have an overall status now."""

    day: date
    status: OverallStatus
    operations: int
    came_in: int
    """Number of their records that were imported or updated so far."""
    failed: int


class ImportOperationQuerySet(models.QuerySet["ImportOperation"]):
    """Query set of import operations."""

    def newest_first(self) -> Self:
        """Order by last write, then by insertion, both newest first.

        Source: wire-api.md 3.3.
        """
        return self.order_by("-updated_at", "-id")

    def finished(self) -> Self:
        """Filter finished operations."""
        return self.filter(Q(is_valid=False) | Q(status__in=FINISHED))

    def with_initiator(self) -> Self:
        """Also load the initiator of each operation."""
        return self.select_related("user")

    def without_large_fields(self) -> Self:
        """Defer large fields that only a run and its page use."""
        return self.defer("selection", "report")

    def for_versions(self, pks: list[int]) -> Self:
        """Filter operations, and load only the columns of their versions."""
        return self.filter(pk__in=pks).only(
            *("revision", "status", "is_valid", "status_since"),
            *("heartbeat_at", "updated_at"),
        )

    def with_parent(self) -> Self:
        """Also load the parent and the continued operation, without selections."""
        return self.select_related("parent", "rest_of").defer(
            "selection",
            *("parent__selection", "parent__report"),
            *("rest_of__selection", "rest_of__report"),
        )

    def last_started(self) -> Self:
        """Order by start, then by insertion, both newest first."""
        return self.order_by("-created_at", "-id")

    def earlier_runs(self, operation: ImportOperation) -> Self:
        """Filter imports of files that ran before and may have the same source.

        They have the same importer, and no other workspace. Retries and undone imports
        are missing. The newest come first.
        """
        earlier = self.without_large_fields().filter(
            importer_key=operation.importer_key,
            run_started_at__isnull=False,
            parent=None,
            pk__lt=operation.pk,
        )
        if operation.workspace_id:
            earlier = earlier.filter(workspace_id__in=("", operation.workspace_id))
        known = earlier.exclude(undo_state=UndoState.UNDONE).exclude(file_name="")
        return known.order_by("-pk")

    def current(self) -> ImportOperation | None:
        """Return the last operation that was started, valid or not (wire-api.md 2)."""
        return self.last_started().first()

    def valid(self) -> Self:
        """Filter operations that can still be used."""
        return self.filter(is_valid=True)

    def in_state(self, state: State) -> Self:
        """Filter operations that `import.status` reports in this state."""
        of_status = Q(status__in=STATUSES_OF[state])
        if state is State.DONE:
            return self.filter(of_status)
        if state is State.ERROR:
            invalid = Q(is_valid=False) & ~Q(status=Status.DONE)
            return self.filter(of_status | invalid)
        return self.filter(of_status, is_valid=True)

    def with_overall_status(self, status: OverallStatus) -> Self:
        """Filter operations with this overall status."""
        return self.filter(CONDITIONS[status])

    def in_progress(self) -> ImportOperation | None:
        """Return the active operation, which a new one would replace, or `None`."""
        valid = self.valid().exclude(status__in=FINISHED)
        return valid.with_initiator().without_large_fields().first()

    def running(self) -> Self:
        """Filter valid operations that the server is processing."""
        return self.filter(is_valid=True, status__in=RUNNING)

    def waiting_for_a_worker(self) -> Self:
        """Filter running operations without a worker."""
        return self.running().filter(lease_owner="", lease_expires_at__isnull=False)

    def with_errors(self) -> Self:
        """Filter operations that failed or have failed records."""
        return self.filter(WITH_ERRORS)

    def without_errors(self) -> Self:
        """Filter operations without any failure so far."""
        return self.exclude(status=Status.FAILED).exclude(count_error__gt=0)

    def started_between(self, first: date | None, last: date | None) -> Self:
        """Filter operations started between two days in UTC, both inclusive."""
        rows = self
        if first is not None:
            rows = rows.filter(created_at__gte=midnight(first))
        if last is not None and last < date.max:
            rows = rows.filter(created_at__lt=midnight(last + timedelta(days=1)))
        return rows

    def started_after(self, operation: ImportOperation) -> Self:
        """Filter operations that started after this one, the next one first."""
        rows = self.filter(created_at__gte=operation.created_at, id__gt=operation.pk)
        return rows.order_by("created_at", "id")

    def versions(self) -> models.QuerySet[Any, Any]:
        """Return a value that changes with every write of a row, as `value`."""
        version = Func(
            F("id"),
            F("revision"),
            template="%(expressions)s",
            arg_joiner=" || '.' || ",
            output_field=models.TextField(),
        )
        return self.annotate(value=version).values("value")

    def matching_words(self, words: Iterable[str]) -> Self:
        """Filter operations that contain each word in ID, file name or initiator."""
        rows = self
        for word in words:
            people = User.objects.filter(
                Q(username__icontains=word) | Q(public_id__icontains=word)
            )
            rows = rows.filter(
                Q(public_id__icontains=word)
                | Q(file_name__icontains=word)
                | Q(user__in=people.values("public_id"))
                | Q(user=word)
            )
        return rows

    def initiators(self, most: int) -> models.QuerySet[User]:
        """Return the initiators of these operations, ordered by name."""
        own = self.order_by().filter(user=OuterRef("public_id"))
        initiators: models.QuerySet[User] = User.objects.filter(Exists(own))
        return initiators.order_by("username")[:most]

    def with_kind_counts(self) -> Self:
        """Also load the outcome counts of each operation, in one query."""
        return self.prefetch_related("kind_counts")

    def by_public_id(self, names: Iterable[str]) -> dict[str, ImportOperation]:
        """Return the operations with these public IDs, with initiator and parent."""
        plans = (
            *("parent__selection", "parent__report"),
            *("rest_of__selection", "rest_of__report"),
        )
        rows = self.filter(public_id__in=list(names))
        related = rows.select_related("user", "parent", "rest_of").defer(*plans)
        return {operation.public_id: operation for operation in related}

    def following(self, operation: ImportOperation) -> Self:
        """Filter the retries and the rest of an operation, in order."""
        rows = self.filter(Q(parent=operation) | Q(rest_of=operation))
        return rows.without_large_fields().order_by("id")

    def previous_to(self, operation: ImportOperation) -> ImportOperation | None:
        """Return the previous operation of the same importer, or `None`."""
        earlier = Q(created_at__lt=operation.created_at) | Q(
            created_at=operation.created_at, id__lt=operation.pk
        )
        rows = self.filter(
            earlier,
            importer_key=operation.importer_key,
            created_at__lte=operation.created_at,
        )
        return rows.last_started().first()

    def undos(self) -> Self:
        """Filter operations that undo others."""
        return self.filter(importer_key=UNDO_KEY)

    def newest_start(self) -> datetime | None:
        """Return the start time of the newest operation, or `None`."""
        return self.last_started().values_list("created_at", flat=True).first()

    def count_by_day(self, first: date, last: date) -> list[DayCount]:
        """Count operations and records by day in UTC and overall status, by day.

        Days are distinguished by comparisons, because SQLite calls Python to truncate
        times.
        """
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        day = Case(
            *(
                When(created_at__lt=midnight(day + timedelta(days=1)), then=index)
                for index, day in enumerate(days)
            ),
            output_field=models.SmallIntegerField(),
        )
        counted = (
            self.started_between(first, last)
            .annotate(day=day, overall=IN_DATABASE)
            .order_by("day")
            .values_list("day", "overall")
            .annotate(
                operations=Count("id"),
                came_in=Sum("count_completed", default=0),
                failed=Sum("count_error", default=0),
            )
        )
        return [
            DayCount(days[index], OverallStatus(status), *figures)
            for index, status, *figures in counted
        ]

    def walk(
        self, field: str, *, is_descending: bool, after: tuple[Any, int] | None
    ) -> Self:
        """Order by an immutable field, and continue after a value and ID.

        Rows that are written or added in the meantime do not affect other pages.
        """
        sign, compare = ("-", "lt") if is_descending else ("", "gt")
        rows = self.order_by(f"{sign}{field}", f"{sign}id")
        if after is None:
            return rows
        value, pk = after
        beyond = Q(**{f"{field}__{compare}": value})
        same = Q(**{field: value, f"id__{compare}": pk})
        return rows.filter(beyond | same, **{f"{field}__{compare}e": value})

    def update(self, **values: Any) -> int:
        """Update columns, and with them the revision.

        Cached bodies and ETags rely on the revision, so no update may omit it.
        """
        return super().update(**{"revision": F("revision") + 1, **values})

    def change(self, **values: Any) -> int:
        """Update columns, and with them the revision and `updated_at`."""
        values.setdefault("updated_at", now_in_milliseconds())
        return self.update(**values)

    def move(
        self, pk: int, *, to: Status, allowed: Collection[Status], **values: Any
    ) -> bool:
        """Change the status if it is one of `allowed`; return whether it was."""
        guarded = self.filter(pk=pk, status__in=allowed)
        return guarded.change(status=to, **values) == 1


class EventOrderQuerySet(models.QuerySet["EventOrder"]):
    """Query set of the order of all events."""

    def version(self) -> str:
        """Return a text that changes with new events, even before their position."""
        new = self.model.new_events(OuterRef("first_pk"))
        rows = self.annotate(has_new=Exists(new)).values_list("last", "has_new")
        return repr(rows.first())


class OperationEventQuerySet(models.QuerySet["OperationEvent"]):
    """Query set of the timelines of operations."""

    def in_order(self) -> Self:
        """Order by time, oldest first, and load the actors."""
        return self.select_related("actor", "token").order_by("id")

    def newest(self, number: int) -> list[OperationEvent]:
        """Return the last events with their actors, oldest first."""
        return list(self.in_order().reverse()[:number])[::-1]

    def without_position(self, first_pk: Any) -> Self:
        """Filter events that have no position yet, in the order of their keys.

        Args:
            first_pk: `EventOrder.first_pk`, or an expression of it.
        """
        return self.filter(position=None, pk__gt=first_pk).order_by("pk")

    def positioned_after(
        self, position: int, order: EventOrder, number: int
    ) -> list[OperationEvent]:
        """Return the next events by position, with operations and actors.

        Args:
            position: The last position that the reader has.
            order: The order of the events.
            number: Maximum number of events.
        """
        rows = self.select_related("actor", "operation").defer(
            "operation__selection", "operation__report"
        )
        events: list[OperationEvent] = []
        if position < order.first_pk:
            old = rows.filter(pk__gt=position, pk__lte=order.first_pk)
            events = list(old.order_by("pk")[:number])
        if len(events) < number:
            new = rows.filter(position__gt=position)
            events += new.order_by("position")[: number - len(events)]
        return events
