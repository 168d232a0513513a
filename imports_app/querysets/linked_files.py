"""Query sets of the files that imports link to, and of their downloads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from config.db.bulk import in_chunks
from imports_app.statuses import FINISHED, Status

if TYPE_CHECKING:
    from imports_app.models import FileDownload, ImportOperation, LinkedFile


class FileDownloadQuerySet(models.QuerySet["FileDownload"]):
    """Query set of downloads of linked files."""

    def of(self, operation: ImportOperation) -> FileDownload | None:
        """Return the download of an operation, or `None`."""
        return self.filter(operation=operation).first()

    def of_operations(self, pks: list[int]) -> Self:
        """Filter the downloads of operations."""
        return self.filter(operation__in=pks)

    def running(self) -> Self:
        """Filter downloads of operations that wait for a review."""
        return self.filter(
            state="running",
            operation__is_valid=True,
            operation__status=Status.USER_SELECTION,
        )

    def serving(self, operation: ImportOperation) -> list[int]:
        """Return the keys of the downloads whose files a run can use.

        A retry and a rest use the files of the operation that they continue.
        """
        found = []
        one: ImportOperation | None = operation
        while one is not None:
            found.append(one.pk)
            one = one.parent or one.rest_of
        rows = self.filter(operation__in=found).exclude(state="deleted")
        return list(rows.values_list("pk", flat=True))

    def superfluous(self, *, before: datetime) -> Self:
        """Filter downloads whose files no run will use.

        Their operations were deleted, ended before a run, or finished before a given
        time.
        """
        never_run = Q(operation__is_valid=False, operation__run_started_at=None)
        over = Q(operation__is_valid=False) | Q(operation__status__in=FINISHED)
        old = over & Q(operation__updated_at__lt=before)
        rows = self.filter(Q(operation=None) | never_run | old)
        return rows.filter(Q(operation=None) | Q(files__isnull=False)).distinct()


class LinkedFileQuerySet(models.QuerySet["LinkedFile"]):
    """Query set of linked files."""

    def of_download(self, download_id: int) -> Self:
        """Filter the files of a download, in order."""
        return self.filter(download=download_id).order_by("id")

    def waiting(self, download_id: int) -> Self:
        """Filter the files without a result, in order."""
        return self.of_download(download_id).filter(state="waiting")

    def in_state(self, state: str) -> Self:
        """Filter the files with a result; all if it is empty."""
        return self.filter(state=state) if state else self

    def after(self, pk: int) -> Self:
        """Filter files after this key."""
        return self.filter(pk__gt=pk)

    def names_among(self, names: Iterable[str]) -> set[str]:
        """Return those names of stored contents that a linked file has."""
        found: set[str] = set()
        for chunk in in_chunks(names):
            rows = self.filter(stored_name__in=chunk)
            found.update(rows.values_list("stored_name", flat=True))
        return found
