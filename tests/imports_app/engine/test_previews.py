"""Previews match the outcomes of the import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imports_app.engine.matching.decisions import Decisions
from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.matching.privileged_users import ConfirmedMatches
from imports_app.engine.previews import Preview, preview_rooms, preview_users
from imports_app.importers.registry import identifies_users_by_username
from imports_app.models import ImportOperation, ImportRecord, Outcome
from imports_app.records import Kind, record_of
from imports_app.selection.query import TRAITS, selectable_records
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.conftest import ApiClient
from tests.factories import EmailAddressFactory, UserFactory
from tests.imports_app.api.importing import EVERYTHING, current, packed
from tests.working import work

Writer = Callable[[Path], Any]
KNOWN_ROOMS = {"channels.csv": "general,user.00001,public,\nnews,ada,private,\n"}
OWN_ROOMS = {
    "users.csv": "ada,ada@example.org,Ada\nBob,bob@example.org,Bob\n,,Nobody\n",
    "channels.csv": "general,ada,public,\nnews,ada,public,\n!!!,ada,public,\n",
}


def write_csv(path: Path) -> None:
    write_csv_archive(path, Plan(messages=50))


def write_slack(path: Path) -> None:
    write_slack_archive(path, SlackPlan(messages=50))


def write_own(path: Path) -> None:
    path.write_bytes(packed(OWN_ROOMS))


def stage(api: ApiClient, content: bytes, importer: str) -> ImportOperation:
    address = f"importOperations/file?importerKey={importer}&fileName=x.zip"
    api.request("PUT", address, data=content, content_type="application/zip")
    api.get("getImportFileData")
    work()
    return current()


def previews_of(operation: ImportOperation, initiator: str) -> dict[int, Preview]:
    previews: dict[int, Preview] = {}
    for kind in (Kind.USER, Kind.CHANNEL):
        rows = list(selectable_records(operation.pk, kind))
        records: dict[int, Any] = {row.pk: record_of(kind, row.data) for row in rows}
        found = (
            preview_users(
                records,
                operation.pk,
                initiator_id=initiator,
                matches_usernames=identifies_users_by_username(operation.importer_key),
                confirmed=ConfirmedMatches({}),
            )
            if kind is Kind.USER
            else preview_rooms(list(records.values()), Decisions(operation.pk))
        )
        previews |= {row.pk: one for row, one in zip(rows, found, strict=True)}
    return previews


def outcomes_of(preview: Preview) -> set[Outcome]:
    if preview.problem is not None:
        return {preview.problem.outcome}
    if preview.matched_by is None:
        return {Outcome.IMPORTED}
    return {Outcome.UPDATED, Outcome.UNCHANGED}


@pytest.mark.parametrize(
    ("write", "importer"),
    [(write_csv, "csv"), (write_slack, "slack"), (write_own, "csv")],
)
def test_previews_match_outcomes(
    admin_api: ApiClient, tmp_path: Path, write: Writer, importer: str
) -> None:
    """Records that a later record of the same source updates are ignored."""
    EmailAddressFactory.create(address="BOB@example.org")
    UserFactory.create(username="User.00003")
    stage(admin_api, packed(KNOWN_ROOMS), "csv")
    admin_api.post("startImport", {"input": EVERYTHING})
    work()
    write(tmp_path / "x.zip")
    operation = stage(admin_api, (tmp_path / "x.zip").read_bytes(), importer)
    assert admin_api.user is not None
    previews = previews_of(operation, admin_api.user.public_id)
    assert {Outcome.IMPORTED} in map(outcomes_of, previews.values())

    admin_api.post("startImport", {"input": EVERYTHING})
    work()

    targets: set[tuple[str, int]] = set()
    for record in ImportRecord.objects.filter(pk__in=previews).order_by("pk"):
        preview = previews[record.pk]
        place = (record.kind, record.target_id or 0)
        if place not in targets:
            assert record.outcome in outcomes_of(preview), record.data
        if preview.target_id is not None:
            assert record.target_id == preview.target_id
        targets.add(place)


def test_known_filter_matches_previews(admin_api: ApiClient, tmp_path: Path) -> None:
    write_csv(tmp_path / "x.zip")
    content = (tmp_path / "x.zip").read_bytes()
    stage(admin_api, content, "csv")
    admin_api.post("startImport", {"input": {"users": {"all": True}}})
    work()
    operation = stage(admin_api, content, "csv")
    previews = previews_of(operation, "nobody")

    for kind in (Kind.USER, Kind.CHANNEL):
        known = selectable_records(operation.pk, kind).filter(TRAITS[kind]["known"])
        expected = {
            row.pk
            for row in selectable_records(operation.pk, kind)
            if previews[row.pk].matched_by is not None
        }
        assert {row.pk for row in known} == expected


def test_initiator_without_permission_only_gets_the_import_id(
    admin_api: ApiClient,
) -> None:
    operation = stage(admin_api, packed(OWN_ROOMS), "csv")
    bob = UserFactory.create(username="bob")

    previews = previews_of(operation, bob.public_id)

    assert [one.target_name for one in previews.values() if one.is_initiator] == ["bob"]


def test_unconfirmed_match_with_a_privileged_user_fails(
    admin_api: ApiClient,
) -> None:
    operation = stage(admin_api, packed(OWN_ROOMS), "csv")

    previews = previews_of(operation, "nobody")

    [match] = [one for one in previews.values() if one.privileged is not None]
    assert match.privileged is not None
    assert (str(match.privileged.user), match.privileged.matched_by) == (
        "ada",
        MatchedBy.NAME,
    )
    assert not match.privileged.is_confirmed
    assert outcomes_of(match) == {Outcome.FAILED}
