"""A whole Slack import through the API, compared with what the export says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from imports_app.models import ImportOperation, Message, MessageFile, Room
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.archives.slack_expectation import SlackExpectation
from tests.archives.workspace import read_slack_rooms
from tests.conftest import ApiClient
from tests.imports_app.api.importing import EVERYTHING, current, upload_body
from tests.imports_app.engine.test_csv_import import assert_counts_add_up, failures_in
from tests.working import work


@pytest.fixture(autouse=True)
def _no_waiting(settings: Settings) -> None:
    settings.PREPARE_WAIT_SECONDS = 0


def import_slack(api: ApiClient, path: Path, selection: Any = EVERYTHING) -> Any:
    """Upload, look, select, run; return the operation's page."""
    body = upload_body(path.read_bytes(), importerKey="slack")
    assert api.post("uploadImportFile", body).json() == {"success": True}
    api.get("getImportFileData")
    work()
    assert api.get("getImportFileData").json()["success"]
    assert api.post("startImport", {"input": selection}).json() == {"success": True}
    work()
    page = api.get(f"importOperations/{current().public_id}").json()
    assert page["operation"]["status"] == "importer_done"
    return page["operation"]


def assert_as_expected(expectation: SlackExpectation) -> None:
    """Compare the workspace with what the export says."""
    rooms = read_slack_rooms()
    assert rooms.keys() == expectation.rooms.keys()
    for name, (kind, members, said) in rooms.items():
        assert kind == expectation.rooms[name], name
        assert said == expectation.said.get(name, []), name
        assert set(expectation.members[name]) <= set(members), name


def test_everything_in_the_export_comes_in(
    admin_api: ApiClient, tmp_path: Path
) -> None:
    path = tmp_path / "export.zip"
    expectation = write_slack_archive(path, SlackPlan(messages=3_000))

    operation = import_slack(admin_api, path)

    assert_as_expected(expectation)
    people = User.objects.exclude(username="ada")
    assert sorted(people.values_list("username", flat=True)) == expectation.users
    inactive = set(people.filter(is_active=False).values_list("username", flat=True))
    assert inactive == set(expectation.inactive)
    found = failures_in(admin_api, operation["_id"])
    assert sorted(found) == sorted(expectation.failures)
    assert_counts_add_up(operation)
    message_counts = operation["progress"]["kinds"]["message"]
    assert message_counts["skipped"] == sum(expectation.left_out.values())
    assert message_counts["imported"] == sum(expectation.counts.values())


def test_the_report_says_what_was_left_out(
    admin_api: ApiClient, tmp_path: Path
) -> None:
    path = tmp_path / "export.zip"
    expectation = write_slack_archive(path, SlackPlan(messages=30))

    import_slack(admin_api, path)

    report = ImportOperation.objects.get().report
    left_out = {
        fact.removeprefix("messages left out: "): number
        for fact, number in report["facts"].items()
        if fact.startswith("messages left out: ")
    }
    assert left_out == expectation.left_out
    assert report["facts"]["files that Slack does not have any more"] == 2
    assert report["warnings"]["importer-thread-without-root"]["count"] == 1
    assert {
        *("importer-files-are-links", "importer-placeholder-user"),
        *("importer-folder-without-room", "importer-files-not-imported"),
    } <= set(report["warnings"])


def test_importing_it_again_adds_nothing(admin_api: ApiClient, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    write_slack_archive(path, SlackPlan(messages=300))
    import_slack(admin_api, path)
    before = read_slack_rooms()
    users, files = User.objects.count(), MessageFile.objects.count()

    operation = import_slack(admin_api, path)

    assert read_slack_rooms() == before
    assert (User.objects.count(), MessageFile.objects.count()) == (users, files)
    kinds = operation["progress"]["kinds"]
    assert {kind: count["imported"] for kind, count in kinds.items()} == {
        "user": 0,
        "channel": 0,
        "message": 0,
    }


def test_a_later_export_adds_only_what_is_new(
    admin_api: ApiClient, tmp_path: Path
) -> None:
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    plan = SlackPlan(channels=1, private_channels=0, directs=0, groups=0)
    write_slack_archive(first, SlackPlan(**{**plan.__dict__, "messages": 300}))
    later = write_slack_archive(second, SlackPlan(**{**plan.__dict__, "messages": 450}))
    import_slack(admin_api, first)

    operation = import_slack(admin_api, second)

    assert operation["progress"]["kinds"]["message"]["imported"] == 150
    assert_as_expected(later)
    assert sum(Room.objects.values_list("message_count", flat=True)) == (
        Message.objects.count()
    )


def test_messages_of_rooms_left_out_are_skipped(
    admin_api: ApiClient, tmp_path: Path
) -> None:
    path = tmp_path / "export.zip"
    plan = SlackPlan(messages=80, directs=0, groups=0, has_oddities=False)
    write_slack_archive(path, plan)
    selection = {"users": {"all": True}, "channels": {"list": ["C00000"]}}

    operation = import_slack(admin_api, path, selection)

    assert list(Room.objects.values_list("name", flat=True)) == ["channel-0"]
    counts = operation["progress"]["kinds"]["message"]
    assert counts["imported"] == Message.objects.count() < 80
    assert counts["imported"] + counts["skipped"] == 80
