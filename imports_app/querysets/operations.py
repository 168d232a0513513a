"""Reads and guarded writes over import operations, and their timeline."""

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
from imports_app.statuses import FINISHED, RUNNING, STATUSES_OF, State, Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from imports_app.models import ImportOperation, OperationEvent


WITH_ERRORS: Final = Q(count_error__gt=0) | Q(status=Status.FAILED.value)


@dataclass(frozen=True, slots=True)
class DayCount:
    """The operations that started on a day and stand in a status now."""

    day: date
    status: str
    operations: int
    came_in: int
    """Their records that were imported or updated so far."""
    failed: int


class ImportOperationQuerySet(models.QuerySet["ImportOperation"]):
    """Import operations."""

    def newest_first(self) -> Self:
        """Last written first; of the same moment, last inserted first.

        Source: wire-api.md 3.3.
        """
        return self.order_by("-updated_at", "-id")

    def over(self) -> Self:
        """Operations that nothing will change any more."""
        return self.filter(Q(is_valid=False) | Q(status__in=FINISHED))

    def with_starter(self) -> Self:
        """Fetch who started each operation along with it."""
        return self.select_related("user")

    def without_plans(self) -> Self:
        """Leave out what only a run and its page need, which can be large."""
        return self.defer("selection", "report")

    def with_parent(self) -> Self:
        """Fetch the operation that each one tries again, without the selections."""
        plans = ("selection", "parent__selection", "parent__report")
        return self.select_related("parent").defer(*plans)

    def current(self) -> ImportOperation | None:
        """Return the last operation that was started, valid or not (wire-api.md 2)."""
        return self.order_by("-created_at", "-id").first()

    def valid(self) -> Self:
        """Operations that may still be used."""
        return self.filter(is_valid=True)

    def in_state(self, state: State) -> Self:
        """Operations that `import.status` would report in this state."""
        of_status = Q(status__in=STATUSES_OF[state])
        if state is State.DONE:
            return self.filter(of_status)
        if state is State.ERROR:
            invalid = Q(is_valid=False) & ~Q(status=Status.DONE)
            return self.filter(of_status | invalid)
        return self.filter(of_status, is_valid=True)

    def in_progress(self) -> ImportOperation | None:
        """Return the operation that a new one would take the place of, if any."""
        valid = self.valid().exclude(status__in=FINISHED)
        return valid.with_starter().without_plans().first()

    def running(self) -> Self:
        """Valid operations that the server is at work on."""
        return self.filter(is_valid=True, status__in=RUNNING)

    def waiting_for_a_worker(self) -> Self:
        """Running operations that nobody has taken up yet."""
        return self.running().filter(lease_owner="", lease_expires_at__isnull=False)

    def with_errors(self) -> Self:
        """Operations that failed, or in which some record did."""
        return self.filter(WITH_ERRORS)

    def without_errors(self) -> Self:
        """Operations in which nothing failed, as far as they got."""
        return self.exclude(status=Status.FAILED).exclude(count_error__gt=0)

    def started_between(self, first: date | None, last: date | None) -> Self:
        """Operations started on one of these days in UTC, both included."""
        rows = self
        if first is not None:
            rows = rows.filter(created_at__gte=midnight(first))
        if last is not None and last < date.max:
            rows = rows.filter(created_at__lt=midnight(last + timedelta(days=1)))
        return rows

    def started_after(self, operation: ImportOperation) -> Self:
        """Operations that came later than this one, the next one first."""
        rows = self.filter(created_at__gte=operation.created_at, id__gt=operation.pk)
        return rows.order_by("created_at", "id")

    def versions(self) -> models.QuerySet[Any, Any]:
        """Return what changes with every write of a row, as the column `value`."""
        version = Func(
            F("id"),
            F("revision"),
            template="%(expressions)s",
            arg_joiner=" || '.' || ",
            output_field=models.TextField(),
        )
        return self.annotate(value=version).values("value")

    def mentioning(self, words: Iterable[str]) -> Self:
        """Operations with each word in their id, file name or starter."""
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

    def starters(self, most: int) -> models.QuerySet[User]:
        """Accounts that started any of these operations, by name."""
        own = self.order_by().filter(user=OuterRef("public_id"))
        starters: models.QuerySet[User] = User.objects.filter(Exists(own))
        return starters.order_by("username")[:most]

    def with_kind_counts(self) -> Self:
        """Fetch what came of each operation's records along with it, in one query."""
        return self.prefetch_related("kind_counts")

    def by_public_id(self, names: Iterable[str]) -> dict[str, ImportOperation]:
        """Return those of these operations that exist, with starter and parent."""
        plans = ("parent__selection", "parent__report")
        rows = self.filter(public_id__in=list(names)).select_related("user", "parent")
        return {operation.public_id: operation for operation in rows.defer(*plans)}

    def before(self, operation: ImportOperation) -> ImportOperation | None:
        """Return the importer's last operation that was started before this one."""
        earlier = Q(created_at__lt=operation.created_at) | Q(
            created_at=operation.created_at, id__lt=operation.pk
        )
        rows = self.filter(
            earlier,
            importer_key=operation.importer_key,
            created_at__lte=operation.created_at,
        )
        return rows.order_by("-created_at", "-id").first()

    def newest_start(self) -> datetime | None:
        """Return when the newest operation was started."""
        starts = self.order_by("-created_at", "-id").values_list(
            "created_at", flat=True
        )
        return starts.first()

    def counted_by_day(self, first: date, last: date) -> list[DayCount]:
        """Count operations and records by day in UTC and status, in order of days.

        Days are told apart by comparing: SQLite would call Python to cut each time.
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
            .annotate(day=day)
            .order_by("day")
            .values_list("day", "status")
            .annotate(
                operations=Count("id"),
                came_in=Sum("count_completed", default=0),
                failed=Sum("count_error", default=0),
            )
        )
        return [DayCount(days[index], *figures) for index, *figures in counted]

    def counted_by_status(self) -> dict[Status, int]:
        """Count operations by status, the commonest first."""
        counted = (
            self.order_by()
            .values_list("status")
            .annotate(operations=Count("id"))
            .order_by("-operations", "status")
        )
        return {Status(status): operations for status, operations in counted}

    def walk(
        self, field: str, *, is_descending: bool, after: tuple[Any, int] | None
    ) -> Self:
        """Order by a field that never changes, and go on after a value and id of it.

        Rows written or added in the meantime neither move nor come in between.
        """
        sign, compare = ("-", "lt") if is_descending else ("", "gt")
        rows = self.order_by(f"{sign}{field}", f"{sign}id")
        if after is None:
            return rows
        value, pk = after
        beyond = Q(**{f"{field}__{compare}": value})
        same = Q(**{field: value, f"id__{compare}": pk})
        return rows.filter(beyond | same, **{f"{field}__{compare}e": value})

    def change(self, **values: Any) -> int:
        """Write columns; every write counts up the revision and sets `updated_at`."""
        values.setdefault("updated_at", now_in_milliseconds())
        return self.update(revision=F("revision") + 1, **values)

    def move(
        self, pk: int, *, to: Status, allowed: Collection[Status], **values: Any
    ) -> bool:
        """Change the status if it is one of `allowed`; False: another was first."""
        guarded = self.filter(pk=pk, status__in=allowed)
        return guarded.change(status=to, **values) == 1


class OperationEventQuerySet(models.QuerySet["OperationEvent"]):
    """The timeline of operations."""

    def in_order(self) -> Self:
        """Oldest first, with who acted."""
        return self.select_related("actor", "token").order_by("id")

    def newest(self, number: int) -> list[OperationEvent]:
        """Return the last events, the oldest of them first, with who acted."""
        return list(self.in_order().reverse()[:number])[::-1]
