"""Reads and guarded writes over import operations, and their timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, F, Func, Q
from django.db.models.functions import TruncDate

from config.clock import now_in_milliseconds
from imports_app.statuses import RUNNING, STATUSES_OF, State, Status

if TYPE_CHECKING:
    from collections.abc import Collection

    from imports_app.models import ImportOperation, OperationEvent


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many operations started on a day and stand in a status now."""

    day: date
    status: str
    operations: int


class ImportOperationQuerySet(models.QuerySet["ImportOperation"]):
    """Import operations."""

    def newest_first(self) -> Self:
        """Last written first; of the same moment, last inserted first.

        Source: wire-api.md 3.3.
        """
        return self.order_by("-updated_at", "-id")

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

    def running(self) -> Self:
        """Valid operations that the server is at work on."""
        return self.filter(is_valid=True, status__in=RUNNING)

    def waiting_for_a_worker(self) -> Self:
        """Running operations that nobody has taken up yet."""
        return self.running().filter(lease_owner="", lease_expires_at__isnull=False)

    def with_errors(self) -> Self:
        """Operations that failed, or in which some record did."""
        return self.filter(Q(count_error__gt=0) | Q(status=Status.FAILED))

    def without_errors(self) -> Self:
        """Operations in which nothing failed, as far as they got."""
        return self.exclude(status=Status.FAILED).exclude(count_error__gt=0)

    def started_between(self, first: date | None, last: date | None) -> Self:
        """Operations started on one of these days in UTC, both included."""
        rows = self
        if first is not None:
            rows = rows.filter(created_at__gte=_midnight(first))
        if last is not None and last < date.max:
            rows = rows.filter(created_at__lt=_midnight(last + timedelta(days=1)))
        return rows

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

    def importers(self) -> dict[str, str]:
        """Return the names of all importers that were ever used, by their keys."""
        pairs = self.order_by("importer_name").values_list(
            "importer_key", "importer_name"
        )
        return dict(pairs.distinct())

    def newest_start(self) -> datetime | None:
        """Return when the newest operation was started."""
        starts = self.order_by("-created_at", "-id").values_list(
            "created_at", flat=True
        )
        return starts.first()

    def counted_by_day(self) -> list[DayCount]:
        """Count operations by day and status, in the order of days."""
        counted = (
            self.annotate(day=TruncDate("created_at"))
            .order_by("day")
            .values_list("day", "status")
            .annotate(operations=Count("id"))
        )
        return [DayCount(*row) for row in counted]

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
