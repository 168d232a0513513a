"""A complete Slack import through the API."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from accounts.models import User
from config.files.stored_files import imported_files
from imports_app.models import (
    FileState,
    ImportOperation,
    ImportRecord,
    Message,
    MessageFile,
    Room,
)
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.archives.slack_expectation import SlackExpectation
from tests.archives.workspace import read_slack_rooms
from tests.conftest import ApiClient
from tests.factories import EmailAddressFactory, UserFactory
from tests.imports_app.api.importing import (
    EVERYTHING,
    current,
    imported,
    packed,
    upload_body,
)
from tests.imports_app.engine.test_csv_import import (
    assert_outcomes_sum_to_total,
    failures_in,
)
from tests.imports_app.importers.reading import pack
from tests.working import work


def import_slack(api: ApiClient, path: Path, selection: Any = EVERYTHING) -> Any:
    """Upload, read, select and run; return the operation's page."""
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
    """Compare the workspace with the export."""
    rooms = read_slack_rooms()
    assert rooms.keys() == expectation.rooms.keys()
    for name, (kind, members, said) in rooms.items():
        assert kind == expectation.rooms[name], name
        assert said == expectation.messages.get(name, []), name
        assert set(expectation.members[name]) <= set(members), name


def test_imports_the_whole_export(admin_api: ApiClient, tmp_path: Path) -> None:
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
    assert_outcomes_sum_to_total(operation)
    message_counts = operation["progress"]["kinds"]["message"]
    assert message_counts["skipped"] == sum(expectation.left_out.values())
    assert message_counts["imported"] == sum(expectation.counts.values())


def test_report_counts_skipped_messages(admin_api: ApiClient, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    expectation = write_slack_archive(path, SlackPlan(messages=30))

    import_slack(admin_api, path)

    report = ImportOperation.objects.get().report
    left_out = {
        fact.removeprefix("messages left out (").removesuffix(")"): number
        for fact, number in report["facts"].items()
        if fact.startswith("messages left out (")
    }
    assert left_out == expectation.left_out
    assert report["facts"]["files that Slack does not have any more"] == 2
    assert report["warnings"]["importer-thread-without-root"]["count"] == 1
    assert {
        *("importer-files-are-links", "importer-placeholder-user"),
        *("importer-folder-without-room", "importer-files-not-imported"),
    } <= set(report["warnings"])


def test_reimport_adds_nothing(admin_api: ApiClient, tmp_path: Path) -> None:
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


def test_later_export_adds_only_new_records(
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


def test_messages_of_deselected_rooms_are_skipped(
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


def test_files_in_the_archive_are_not_downloaded(
    admin_api: ApiClient, tmp_path: Path
) -> None:
    path = tmp_path / "export.zip"
    write_slack_archive(path, SlackPlan(messages=10))
    import_slack(admin_api, path)
    inside = MessageFile.objects.filter(url__startswith="archive:")
    MessageFile.objects.exclude(pk__in=inside).update(state=FileState.LINK)

    assert admin_api.post("downloadPendingFiles").json()["count"] == 1
    work()

    file = inside.get()
    assert (file.name, file.state) == ("in.txt", FileState.STORED)
    with imported_files().open(file.stored_name) as stream:
        assert stream.read() == b"from the archive"


def test_export_cannot_refer_to_archives_of_other_imports(
    admin_api: ApiClient, tmp_path: Path
) -> None:
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    write_slack_archive(first, SlackPlan(messages=10))
    import_slack(admin_api, first)
    MessageFile.objects.all().delete()
    forged = {
        "id": "F1",
        "name": "x",
        "url_private": f"archive:{current().public_id}/users.json",
    }
    day = [{"type": "message", "user": "U1", "ts": "1600000000.1", "files": [forged]}]
    content = {
        "users.json": [{"id": "U1", "name": "eve"}],
        "channels.json": [{"id": "C9", "name": "evil", "members": ["U1"]}],
        "evil/1.json": day,
    }
    pack(second, {name: json.dumps(value) for name, value in content.items()})
    import_slack(admin_api, second)

    admin_api.post("downloadPendingFiles")
    work()

    assert MessageFile.objects.get().state == FileState.FAILED
    assert ImportRecord.objects.get(kind="file").code == "fetch-bad-address"


def test_mention_has_the_existing_users_name(
    admin_api: ApiClient, tmp_path: Path
) -> None:
    here = UserFactory.create(username="ann.here")
    EmailAddressFactory.create(user=here, address="user.00000@example.org")
    path = tmp_path / "export.zip"
    content = {
        "users.json": [
            {"id": "U1", "name": "ann", "profile": {"email": "USER.00000@example.org"}}
        ],
        "channels.json": [{"id": "C1", "name": "news", "members": ["U1"]}],
        "news/1.json": [
            {
                "type": "message",
                "user": "U1",
                "ts": "1600000000.1",
                "text": "<@U1>, ann <@U1>s",
            }
        ],
    }
    pack(path, {name: json.dumps(value) for name, value in content.items()})

    import_slack(admin_api, path)

    message = Message.objects.get()
    assert message.text == "@ann.here, ann @anns"
    assert message.extras["mentions"] == [here.public_id]


def test_bot_is_not_matched_by_username(
    admin_api: ApiClient, admin_user: User, tmp_path: Path
) -> None:
    path = tmp_path / "export.zip"
    said = {"type": "message", "subtype": "bot_message", "text": "I am the admin"}
    content = {
        "users.json": [],
        "channels.json": [{"id": "C1", "name": "news"}],
        "news/1.json": [
            {**said, "ts": "1600000000.1", "username": admin_user.username}
        ],
    }
    pack(path, {name: json.dumps(value) for name, value in content.items()})

    import_slack(admin_api, path)

    message = Message.objects.get()
    assert str(message.author) == f"{admin_user.username}-2"
    assert message.extras == {"alias": admin_user.username, "bot": True}


def test_failed_slack_messages_can_be_corrected_as_csv(
    admin_api: ApiClient, tmp_path: Path
) -> None:
    path = tmp_path / "export.zip"
    write_slack_archive(path, SlackPlan(messages=10))
    operation = import_slack(admin_api, path)
    failures = admin_api.get(f"importOperations/{operation['_id']}/failures.zip")

    with zipfile.ZipFile(io.BytesIO(failures.getvalue())) as archive:
        names = set(archive.namelist())
        files = {name: archive.read(name).decode() for name in names}

    assert '"odd","","public","","",""' in files["channels.csv"]
    mended = files["odd/2017-07-14.json"].replace("yesterday", "1500000099000")
    files["odd/2017-07-14.json"] = mended
    before = Message.objects.count()
    imported(admin_api, packed(files))
    assert Message.objects.count() == before + 1


def test_failed_messages_are_retried_in_the_right_room_of_two(
    admin_api: ApiClient, tmp_path: Path
) -> None:
    people = [{"id": "U1", "name": "ann"}]
    rooms = [{"id": key, "name": "board", "members": ["U1"]} for key in ("G1", "G2")]
    said = {"type": "message", "user": "U1", "text": "late", "ts": "never"}
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", json.dumps(people))
        archive.writestr("groups.json", json.dumps(rooms))
        archive.writestr("G2/1.json", json.dumps([said]))
    operation = import_slack(admin_api, path)
    failures = admin_api.get(f"importOperations/{operation['_id']}/failures.zip")
    with zipfile.ZipFile(io.BytesIO(failures.getvalue())) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    mended = {
        name: text.replace("never", "1600000000000") for name, text in files.items()
    }

    imported(admin_api, packed(mended))

    message = Message.objects.get()
    assert (message.text, message.room.name) == ("late", "board-2")
    assert set(message.room.import_ids.values_list("value", flat=True)) >= {"G2"}
    assert Room.objects.count() == 2
