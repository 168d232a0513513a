"""Query sets of plans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Sum

if TYPE_CHECKING:
    from imports_app.models import (
        ImportPlan,
        MessageCount,
        PlannedMessages,
        PlannedRecord,
    )


class ImportPlanQuerySet(models.QuerySet["ImportPlan"]):
    """Query set of plans."""

    def latest_of(self, operation_id: int) -> ImportPlan | None:
        """Return the newest plan of an operation, also while it is computed."""
        return self.filter(operation=operation_id).order_by("id").last()

    def complete_of(self, operation_id: int) -> ImportPlan | None:
        """Return the newest complete plan of an operation."""
        complete = self.filter(operation=operation_id).exclude(digest="")
        return complete.order_by("id").last()


class PlannedRecordQuerySet(models.QuerySet["PlannedRecord"]):
    """Query set of planned users and rooms."""

    def of_plan(self, plan_id: int) -> Self:
        """Filter the records of a plan, in the order of the source."""
        return self.filter(plan=plan_id).order_by("record")

    def narrowed(self, *, kind: str = "", effect: str = "", text: str = "") -> Self:
        """Filter by kind, effect and a part of a name, address or ID, if given."""
        given = {"kind": kind, "effect": effect}
        rows = self.filter(**{name: value for name, value in given.items() if value})
        return rows.filter(record__search_text__contains=text.lower()) if text else rows

    def after(self, record_id: int) -> Self:
        """Filter records after this key."""
        return self.filter(record__gt=record_id)

    def with_records(self) -> Self:
        """Also load the staged records."""
        return self.select_related("record")

    def of_records(
        self, plan: ImportPlan | None, record_ids: Iterable[int]
    ) -> dict[int, PlannedRecord]:
        """Return the planned records of a complete plan, except skipped ones."""
        if plan is None or not plan.is_complete:
            return {}
        rows = self.filter(plan=plan, record__in=list(record_ids)).with_records()
        return {row.record_id: row for row in rows.exclude(effect="skip")}

    def different_from(self, other_plan_id: int) -> Self:
        """Filter the records whose effect differs in another plan."""
        same = self.model._default_manager.filter(
            plan=other_plan_id,
            record=OuterRef("record"),
            fingerprint=OuterRef("fingerprint"),
        )
        return self.exclude(Exists(same))


class PlannedMessagesQuerySet(models.QuerySet["PlannedMessages"]):
    """Query set of planned messages."""

    def of_plan(self, plan_id: int) -> Self:
        """Filter the messages of a plan, by room."""
        return self.filter(plan=plan_id).order_by("position", "id")

    def narrowed(self, *, effect: str = "", text: str = "") -> Self:
        """Filter by effect and a part of a room's name or ID, if given."""
        rows = self.filter(effect=effect) if effect else self
        if not text:
            return rows
        records = apps.get_model("imports_app", "ImportRecord").objects
        named = records.filter(
            pk=OuterRef("record_id"), search_text__contains=text.lower()
        )
        return rows.filter(Q(Exists(named)) | Q(room__icontains=text))

    def positions(self) -> models.QuerySet[PlannedMessages, int]:
        """Return the positions of rooms, each once."""
        rows = self.order_by("position").values_list("position", flat=True)
        return rows.distinct()


class MessageCountQuerySet(models.QuerySet["MessageCount"]):
    """Query set of numbers of messages."""

    def of_operation(self, operation_id: int) -> Self:
        """Filter an operation's numbers, in the order of the source."""
        return self.filter(operation=operation_id).order_by("position")

    def sum_by(self, field: str) -> dict[str, int]:
        """Sum the messages by `room` or `author`."""
        rows = self.order_by().values_list(field).annotate(number=Sum(F("messages")))
        return dict(rows)
