"""Query set of exports."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Max, Sum

if TYPE_CHECKING:
    from imports_app.models import WorkspaceExport


class WorkspaceExportQuerySet(models.QuerySet["WorkspaceExport"]):
    """Query set of exports."""

    def change(self, **values: Any) -> int:
        """Update columns, and with them the revision."""
        return self.update(revision=F("revision") + 1, **values)

    def move(
        self, pk: int, *, to: str, allowed: Collection[str], **values: Any
    ) -> bool:
        """Change the state if it is one of `allowed`; return whether it was."""
        return self.filter(pk=pk, state__in=allowed).change(state=to, **values) == 1

    def active(self) -> Self:
        """Filter exports that are waiting for a worker or in progress."""
        return self.filter(state__in=("waiting", "running"))

    def expired(self, now: datetime) -> Self:
        """Filter completed exports that have expired."""
        return self.filter(state="completed", expires_at__lte=now)

    def for_mattermost(self, now: datetime) -> Self:
        """Filter exports whose archive Mattermost can import."""
        rows = self.filter(format="mattermost", state="completed", written_to="")
        return rows.filter(expires_at__gt=now)

    def with_links(self, public_id: str, now: datetime) -> WorkspaceExport | None:
        """Return the export if its links are valid, or `None`."""
        rows = self.filter(state__in=("running", "completed"), expires_at__gt=now)
        return rows.filter(public_id=public_id).first()

    def of_ids(self, public_ids: Collection[str]) -> Self:
        """Filter exports by their IDs."""
        return self.filter(public_id__in=public_ids)

    def with_starters(self) -> Self:
        """Also load the initiators and imports."""
        return self.select_related("starter", "operation")

    def version(self) -> str:
        """Return a text that changes with each change of any export."""
        numbers = self.aggregate(
            number=models.Count("pk"), newest=Max("pk"), changes=Sum("revision")
        )
        return repr(tuple(numbers.values()))
