"""Matches of existing users by username alone, reported as guesses."""

from __future__ import annotations

import time
from functools import partial
from typing import Final

from imports_app.engine.lease import Lease
from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.matching.users import UserMatcher
from imports_app.engine.retries import retry_on_disconnect
from imports_app.importers.base import Report
from imports_app.importers.registry import identifies_users_by_username
from imports_app.models import ImportOperation, ImportRecord
from imports_app.records import Kind, UserRecord, record_of
from imports_app.selection.query import selectable_records

BY_USERNAME: Final = "importer-matched-by-username"
"""Code of the guess that a user with the same username is the same person."""
_MESSAGE: Final = (
    "These existing users match by username only. If one of them is a different"
    " person, rename one of the two users and import again."
)
_PAGE: Final = 500
_RENEWED_EVERY: Final = 10.0
"""Seconds."""


def report_expected_matches(
    operation: ImportOperation, report: Report, lease: Lease
) -> None:
    """Report staged users that a run would match by username alone."""
    report.guesses.pop(BY_USERNAME, None)
    if not identifies_users_by_username(operation.importer_key):
        return
    after, renewed = 0, time.monotonic()
    while True:
        page = retry_on_disconnect(partial(_page, operation, after), check=lease.check)
        if not page:
            return
        after = page[-1].pk
        for row in retry_on_disconnect(partial(_matched, page), check=lease.check):
            _report(report, row.source_file, row.source_line)
        if time.monotonic() - renewed > _RENEWED_EVERY:
            retry_on_disconnect(lease.renew, check=lease.check)
            renewed = time.monotonic()


def report_matches(operation: ImportOperation, report: Report) -> None:
    """Report users that a run has matched by username alone."""
    report.guesses.pop(BY_USERNAME, None)
    records = ImportRecord.objects.of_kind(operation.pk, Kind.USER)
    places = records.filter(guess=BY_USERNAME).order_by("pk")
    for file, line in places.values_list("source_file", "source_line").iterator():
        _report(report, file, line)


def _report(report: Report, file: str, line: int | None) -> None:
    report.guess(BY_USERNAME, _MESSAGE, file=file, line=line)


def _page(operation: ImportOperation, after: int) -> list[ImportRecord]:
    rows = selectable_records(operation.pk, Kind.USER).filter(pk__gt=after)
    return list(rows.order_by("pk")[:_PAGE])


def _matched(rows: list[ImportRecord]) -> list[ImportRecord]:
    records = [record_of(Kind.USER, row.data) for row in rows]
    users = [record for record in records if isinstance(record, UserRecord)]
    index = UserMatcher(users, rows[0].operation_id, matches_usernames=True)
    matched = []
    for row, user in zip(rows, users, strict=True):
        target, matched_by = index.find(user)
        # A match with a privileged user is not a guess: a person must confirm it.
        if (
            target is not None
            and matched_by is MatchedBy.NAME
            and not target.is_privileged
        ):
            matched.append(row)
    return matched
