from __future__ import annotations

import getpass
import io
import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import ActivityEntry, User
from imports_app.importers.slack.guides import SLACK_GUIDE
from imports_app.models import FileState, ImportOperation, Message, MessageFile, Room
from imports_app.statuses import Status
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.archives.workspace import read_rooms
from tests.imports_app.api.importing import SMALL, packed
from tests.imports_app.engine.test_csv_import import assert_as_expected
from tests.imports_app.importers.slack.test_archive import packed as packed_export
from tests.imports_app.linking import export, message
from tests.web import misbehaving
from tests.working import work


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "team.zip"
    file.write_bytes(packed(SMALL))
    return file


def run(path: Path, **options: object) -> str:
    """Import a file and return the output."""
    out = io.StringIO()
    options = {"importer": "csv", **options}
    call_command("import_file", str(path), stdout=out, **options)
    return out.getvalue()


def run_to_exit_status_1(path: Path, importer: str) -> str:
    """Import everything in a file with exit status 1 and return the output."""
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command(
            "import_file", str(path), importer=importer, all=True, wait=True, stdout=out
        )
    assert ended.value.code == 1
    return out.getvalue()


def test_the_importer_is_detected(admin_user: User, tmp_path: Path) -> None:
    export = tmp_path / "export"
    export.write_bytes(SLACK_GUIDE.template.as_bytes())

    printed = run(export, importer="")

    assert ImportOperation.objects.get().importer_key == "slack"
    assert printed.startswith(
        "This looks like a Slack export with 2 users, 3 rooms and 4 messages."
        " Importer: slack. If this is wrong, pass --importer."
    )
    assert printed.count("This looks like") == 1
    (tmp_path / "letter.txt").write_text("Dear reader\n")
    with pytest.raises(CommandError, match="a text without columns"):
        run(tmp_path / "letter.txt", importer="", replace=True)


def test_imports_an_archive(admin_user: User, tmp_path: Path) -> None:
    path = tmp_path / "team.zip"
    plan = Plan(messages=800, has_oddities=False)
    expectation = write_csv_archive(path, plan)

    printed = run(path, all=True, wait=True)

    assert_as_expected(expectation, read_rooms())
    assert "message │ 800" in printed
    operation = ImportOperation.objects.get()
    assert (operation.user, operation.status) == (admin_user, Status.DONE)
    logged = ActivityEntry.objects.filter(subject="import").order_by("pk")
    assert list(logged.values_list("action", "author_name", "address")) == [
        (action, "ada", f"command line ({getpass.getuser()})")
        for action in ("created", "started")
    ]


def test_failed_records_are_listed_and_set_the_exit_status(
    admin_user: User, path: Path
) -> None:
    printed = run_to_exit_status_1(path, "csv")

    assert "news/1.csv" in printed
    assert "importer-message-unknown-user" in printed
    assert Message.objects.count() == 3


def test_a_skipped_workspace_sets_the_exit_status(
    admin_user: User, tmp_path: Path
) -> None:
    users = [{"id": "U1", "name": "ann"}]
    entries = {"org_users.json": users, "teams/sales/2021/deals/1.json": []}
    path = packed_export(tmp_path / "export.zip", entries)

    printed = run_to_exit_status_1(path, "slack")

    assert "not imported (1)" in printed
    assert User.objects.filter(username="ann").exists()


def test_without_a_selection_it_only_lists_the_contents(
    admin_user: User, path: Path
) -> None:
    printed = run(path)

    assert re.search(r"room +│ 3", printed)
    assert "Add --all or --select" in printed
    assert not Room.objects.exists()
    assert ImportOperation.objects.get().status == Status.USER_SELECTION


def test_imports_the_selection_of_a_file(
    admin_user: User, path: Path, tmp_path: Path
) -> None:
    select = tmp_path / "select.json"
    selection = {"users": {"all": True}, "channels": {"list": ["csv-p-lab"]}}
    select.write_text(json.dumps(selection))

    run(path, select=select, wait=True)

    assert Room.objects.get().name == "lab"


def test_enqueues_the_import_without_wait(importer_user: User, path: Path) -> None:
    printed = run(path, all=True, user="ivan")

    operation = ImportOperation.objects.get()
    assert operation.public_id in printed
    assert operation.status == Status.IMPORTING_STARTED
    work()
    operation.refresh_from_db()
    assert (operation.status, operation.user) == (Status.DONE, importer_user)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"importer": "png"}, "no import class"),
        ({"user": "nobody"}, "no user named"),
        ({"select": Path("gone.json")}, "can't be read as JSON"),
    ],
)
def test_reports_invalid_arguments(
    admin_user: User, path: Path, options: dict[str, object], error: str
) -> None:
    with pytest.raises(CommandError, match=error):
        call_command("import_file", str(path), **{"importer": "csv", **options})

    assert not ImportOperation.objects.exists()


def test_reports_a_missing_file(admin_user: User, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be read: No such file"):
        run(tmp_path / "gone.zip", all=True)


def test_reports_a_missing_admin(db: None, path: Path) -> None:
    with pytest.raises(CommandError, match="The server has no admin"):
        run(path, all=True)


def test_reports_an_unreadable_file(admin_user: User, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\r\n")

    with pytest.raises(CommandError, match=r"a PNG image.*importer-not-a-zip"):
        run(path, all=True, wait=True)


def test_an_invalid_selection_is_rejected(
    admin_user: User, path: Path, tmp_path: Path
) -> None:
    select = tmp_path / "select.json"
    select.write_text("[]")
    with pytest.raises(CommandError, match="must contain an object"):
        run(path, select=select)
    for text, name in (
        ('{"rooms": 1}', "rooms"),
        ('{"users": {"every": true}}', "every"),
    ):
        select.write_text(text)
        with pytest.raises(CommandError, match=f"an unknown property: {name}. Use"):
            run(path, select=select)


def test_confirms_matches_with_privileged_users(
    admin_user: User, tmp_path: Path
) -> None:
    path = tmp_path / "team.zip"
    path.write_bytes(
        packed(
            {
                "users.csv": "ada,,Ada\n",
                "channels.csv": "news,ada,public,\n",
                "news/1.csv": "ada,1600000000000,hello\n",
            }
        )
    )

    run(path, all=True, wait=True, confirm_privileged=["ada"])

    assert Message.objects.get().author == admin_user


@pytest.mark.parametrize("name", ["paula", "nobody"])
def test_an_unmatched_user_is_not_confirmed(
    admin_user: User, plain_user: User, path: Path, name: str
) -> None:
    with pytest.raises(CommandError, match=name):
        run(path, all=True, wait=True, confirm_privileged=[name])

    assert not Message.objects.exists()


def test_an_import_in_progress_is_named_and_replaced_only_on_request(
    admin_user: User, path: Path
) -> None:
    run(path)
    waiting = ImportOperation.objects.get()

    with pytest.raises(CommandError) as refused:
        run(path, all=True)
    assert f"{waiting} (Waiting for review, started by {admin_user})" in str(
        refused.value
    )
    assert "pass --replace" in str(refused.value)
    waiting.refresh_from_db()
    assert waiting.is_valid

    run(path, replace=True)
    waiting.refresh_from_db()
    assert not waiting.is_valid


def test_uses_the_decisions_of_an_earlier_import(
    admin_user: User, path: Path, tmp_path: Path
) -> None:
    mapping = tmp_path / "decisions.json"
    entries = [
        {"id": "ann", "action": "create", "username": "ann.lee"},
        {"id": "nobody", "action": "skip"},
    ]
    document = {"format": "import-decisions", "version": 1, "users": entries}
    mapping.write_text(json.dumps(document))

    printed = run(path, mapping=mapping)

    assert "Decisions used: 1. Not in the source: 1." in printed
    run_decided = ImportOperation.objects.get()
    assert run_decided.decisions.get().value == {"username": "ann.lee"}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("{", "not valid JSON"),
        (None, "can't be read: No such file"),
    ],
)
def test_refuses_an_unreadable_file_of_decisions_before_the_upload(
    admin_user: User, path: Path, tmp_path: Path, content: str | None, error: str
) -> None:
    mapping = tmp_path / "decisions.json"
    if content is not None:
        mapping.write_text(content)

    with pytest.raises(CommandError, match=error):
        run(path, mapping=mapping)

    assert not ImportOperation.objects.exists()


def test_downloads_linked_files_first(
    admin_user: User, tmp_path: Path, settings: Settings
) -> None:
    settings.DOWNLOAD_ALLOWED_HOSTS = ["127.0.0.1"]
    path = tmp_path / "export.zip"
    with misbehaving() as web:
        links = (("F1", web.url("ok/x")), ("F2", web.url("status/404")))
        path.write_bytes(export(message(0, *links)))
        said = run(path, importer="slack", all=True, files_first=True, wait=True)

    coverage = "Linked files downloaded: 1 of 2 files, 1 no longer available."
    assert said.count(coverage) == 2  # before the run, and with the outcome
    assert MessageFile.objects.get(source_id="F1").state == FileState.STORED
