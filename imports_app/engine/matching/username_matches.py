"""Existing users whom nothing but the username leads to, listed as guesses."""

from __future__ import annotations

import time
from functools import partial
from typing import Final

from imports_app.engine.lease import Lease
from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.matching.users import UserMatcher
from imports_app.engine.retries import retry_on_disconnect
from imports_app.importers.base import Report
from imports_app.importers.registry import knows_people_by_username
from imports_app.models import ImportOperation, ImportRecord
from imports_app.records import Kind, UserRecord, record_of
from imports_app.selection.query import candidates

BY_USERNAME: Final = "importer-matched-by-username"
"""The guess that a user of this name is the same person."""
_MESSAGE: Final = (
    "Nothing but the username says that these existing users are the same people. If"
    " somebody is another person, rename one of the two and import again."
)
_PAGE: Final = 500
_RENEWED_EVERY: Final = 10.0
"""Seconds."""


def note_expected_matches(
    operation: ImportOperation, report: Report, lease: Lease
) -> None:
    """Note which staged users would be matched by username alone, before a run."""
    report.guesses.pop(BY_USERNAME, None)
    if not knows_people_by_username(operation.importer_key):
        return
    after, renewed = 0, time.monotonic()
    while True:
        page = retry_on_disconnect(partial(_page, operation, after), check=lease.check)
        if not page:
            return
        after = page[-1].pk
        for row in retry_on_disconnect(partial(_matched, page), check=lease.check):
            _note(report, row.source_file, row.source_line)
        if time.monotonic() - renewed > _RENEWED_EVERY:
            retry_on_disconnect(lease.renew, check=lease.check)
            renewed = time.monotonic()


def note_matches(operation: ImportOperation, report: Report) -> None:
    """Note which users a run has matched by username alone."""
    report.guesses.pop(BY_USERNAME, None)
    records = ImportRecord.objects.of_kind(operation.pk, Kind.USER)
    places = records.filter(guess=BY_USERNAME).order_by("pk")
    for file, line in places.values_list("source_file", "source_line").iterator():
        _note(report, file, line)


def _note(report: Report, file: str, line: int | None) -> None:
    report.guess(BY_USERNAME, _MESSAGE, file=file, line=line)


def _page(operation: ImportOperation, after: int) -> list[ImportRecord]:
    rows = candidates(operation.pk, Kind.USER).filter(pk__gt=after)
    return list(rows.order_by("pk")[:_PAGE])


def _matched(rows: list[ImportRecord]) -> list[ImportRecord]:
    records = [record_of(Kind.USER, row.data) for row in rows]
    users = [record for record in records if isinstance(record, UserRecord)]
    index = UserMatcher(users, matches_usernames=True)
    matched = []
    for row, user in zip(rows, users, strict=True):
        account, way = index.find(user)
        # A privileged user is no guess: somebody has to confirm the match.
        if account is not None and way is MatchedBy.NAME and not account.is_privileged:
            matched.append(row)
    return matched
