"""Query sets of the mirror of connected servers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from django.db import models
from django.db.models import F, Max, Q

from config.db.clock import midnight
from imports_app.statuses import RUNNING, STATUSES_OF, State, Status

if TYPE_CHECKING:
    from datetime import datetime

    from imports_app.models import MirroredOperation, ServerPoll

_MOST_RUNNING: Final = 20
_WITH_ERRORS: Final = Q(count_error__gt=0) | Q(status=Status.FAILED.value)


class ServerPollQuerySet(models.QuerySet["ServerPoll"]):
    """Query set of the polling of servers."""

    def due(self, now: datetime) -> Self:
        """Filter enabled Rocket.Chat servers to poll now, the longest due first."""
        rows = self.filter(server__is_enabled=True, server__kind="rocketchat")
        return rows.filter(due_at__lte=now).order_by("due_at")

    def claim_poll(self, poll: ServerPoll, **values: Any) -> bool:
        """Claim a poll; return `False` if another process claimed it."""
        same = self.filter(pk=poll.pk, claim=poll.claim, due_at=poll.due_at)
        return same.update(claim=F("claim") + 1, **values) == 1

    def of_claim(self, poll: ServerPoll) -> Self:
        """Filter the row if this poll is still the last one."""
        return self.filter(pk=poll.pk, claim=poll.claim, claimed_by=poll.claimed_by)


class MirroredOperationQuerySet(models.QuerySet["MirroredOperation"]):
    """Query set of mirrored operations."""

    def of_server(self, name: str) -> Self:
        """Filter operations of a server."""
        return self.filter(server__name=name)

    def without_large_fields(self) -> Self:
        """Defer the complete documents."""
        return self.defer("document")

    def newest_change(self) -> datetime | None:
        """Return the newest `updated_at`."""
        newest: datetime | None = self.aggregate(newest=Max("updated_at"))["newest"]
        return newest

    def in_state(self, state: State) -> Self:
        """Filter operations in a state of `import.status`."""
        of_status = Q(status__in=STATUSES_OF[state])
        if state is State.DONE:
            return self.filter(of_status)
        if state is State.ERROR:
            invalid = Q(is_valid=False) & ~Q(status=Status.DONE)
            return self.filter(of_status | invalid)
        return self.filter(of_status, is_valid=True)

    def started_between(self, first: date | None, last: date | None) -> Self:
        """Filter operations started between two days in UTC, both inclusive."""
        rows = self
        if first is not None:
            rows = rows.filter(created_at__gte=midnight(first))
        if last is not None and last < date.max:
            rows = rows.filter(created_at__lt=midnight(last + timedelta(days=1)))
        return rows

    def running(self) -> Self:
        """Filter valid operations in progress, the newest first, at most 20."""
        active = self.filter(is_valid=True, status__in=RUNNING)
        return active.order_by("-created_at", "-id")[:_MOST_RUNNING]

    def with_errors(self) -> Self:
        """Filter operations that failed or have failed records."""
        return self.filter(_WITH_ERRORS)

    def walk(
        self, field: str, *, is_descending: bool, after: tuple[Any, int] | None
    ) -> Self:
        """Order by an immutable field, and continue after a value and ID."""
        sign, compare = ("-", "lt") if is_descending else ("", "gt")
        rows = self.order_by(f"{sign}{field}", f"{sign}id")
        if after is None:
            return rows
        value, pk = after
        beyond = Q(**{f"{field}__{compare}": value})
        same = Q(**{field: value, f"id__{compare}": pk})
        return rows.filter(beyond | same, **{f"{field}__{compare}e": value})
