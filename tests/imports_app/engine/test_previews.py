"""What is foretold of users and rooms is what happens to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.matching.privileged_users import ConfirmedMatches
from imports_app.engine.previews import Preview, preview_rooms, preview_users
from imports_app.importers.registry import knows_people_by_username
from imports_app.models import ImportOperation, ImportRecord, Outcome
from imports_app.records import Kind, record_of
from imports_app.selection.query import TRAITS, candidates
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


def forecasts(operation: ImportOperation, starter: str) -> dict[int, Preview]:
    told: dict[int, Preview] = {}
    for kind in (Kind.USER, Kind.CHANNEL):
        rows = list(candidates(operation.pk, kind))
        records: dict[int, Any] = {row.pk: record_of(kind, row.data) for row in rows}
        found = (
            preview_users(
                records,
                starter_id=starter,
                matches_usernames=knows_people_by_username(operation.importer_key),
                confirmed=ConfirmedMatches({}),
            )
            if kind is Kind.USER
            else preview_rooms(list(records.values()))
        )
        told |= {row.pk: one for row, one in zip(rows, found, strict=True)}
    return told


def outcome_of(forecast: Preview) -> Outcome:
    if forecast.problem is not None:
        return forecast.problem.outcome
    return Outcome.IMPORTED if forecast.way is None else Outcome.UPDATED


@pytest.mark.parametrize(
    ("write", "importer"),
    [(write_csv, "csv"), (write_slack, "slack"), (write_own, "csv")],
)
def test_forecasts_come_true(
    admin_api: ApiClient, tmp_path: Path, write: Writer, importer: str
) -> None:
    """A record that a later one of the same source completes is not looked at."""
    EmailAddressFactory.create(address="BOB@example.org")
    UserFactory.create(username="User.00003")
    stage(admin_api, packed(KNOWN_ROOMS), "csv")
    admin_api.post("startImport", {"input": EVERYTHING})
    work()
    write(tmp_path / "x.zip")
    operation = stage(admin_api, (tmp_path / "x.zip").read_bytes(), importer)
    assert admin_api.user is not None
    told = forecasts(operation, admin_api.user.public_id)
    assert {outcome_of(one) for one in told.values()} >= {Outcome.IMPORTED}

    admin_api.post("startImport", {"input": EVERYTHING})
    work()

    targets: set[tuple[str, int]] = set()
    for record in ImportRecord.objects.filter(pk__in=told).order_by("pk"):
        forecast = told[record.pk]
        place = (record.kind, record.target_id or 0)
        if place not in targets:
            assert record.outcome == outcome_of(forecast), record.data
        if forecast.target_id is not None:
            assert record.target_id == forecast.target_id
        targets.add(place)


def test_lists_count_as_known_what_is_foretold_to_be(
    admin_api: ApiClient, tmp_path: Path
) -> None:
    write_csv(tmp_path / "x.zip")
    content = (tmp_path / "x.zip").read_bytes()
    stage(admin_api, content, "csv")
    admin_api.post("startImport", {"input": {"users": {"all": True}}})
    work()
    operation = stage(admin_api, content, "csv")
    told = forecasts(operation, "nobody")

    for kind in (Kind.USER, Kind.CHANNEL):
        known = candidates(operation.pk, kind).filter(TRAITS[kind]["known"])
        foretold = {
            row.pk
            for row in candidates(operation.pk, kind)
            if told[row.pk].way is not None
        }
        assert {row.pk for row in known} == foretold


def test_starter_without_rights_gets_nothing_but_the_id(admin_api: ApiClient) -> None:
    operation = stage(admin_api, packed(OWN_ROOMS), "csv")
    bob = UserFactory.create(username="bob")

    told = forecasts(operation, bob.public_id)

    assert [one.target_name for one in told.values() if one.is_starter] == ["bob"]


def test_match_with_a_privileged_user_is_a_failure_until_it_is_confirmed(
    admin_api: ApiClient,
) -> None:
    operation = stage(admin_api, packed(OWN_ROOMS), "csv")

    told = forecasts(operation, "nobody")

    [match] = [one for one in told.values() if one.privileged is not None]
    assert match.privileged is not None
    assert (str(match.privileged.user), match.privileged.way) == ("ada", MatchedBy.NAME)
    assert not match.privileged.is_confirmed
    assert outcome_of(match) is Outcome.FAILED
