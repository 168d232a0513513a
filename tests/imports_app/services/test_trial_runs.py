"""Trial runs from their start to the rest or the undo."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from imports_app.models import (
    DecisionAction,
    ImportOperation,
    Message,
    Notice,
    Room,
)
from imports_app.notices.mails import subject_of
from imports_app.records import Kind
from imports_app.reports.csv_reconciliation import write_reconciliation
from imports_app.reports.csv_report import write_report
from imports_app.selection.rules import EVERYTHING as ALL
from imports_app.services.operations import cancel_operation
from imports_app.services.review.choices import Choice
from imports_app.services.review.decisions import make_decision
from imports_app.services.runs import has_rest, start_run
from imports_app.services.undo import start_undo
from imports_app.statuses import Status, UndoState
from imports_app.transitions import SERVER, Actor
from imports_app.uploads.storage import upload_path
from tests.conftest import ApiClient
from tests.imports_app.api.importing import EVERYTHING, current, packed, staged
from tests.imports_app.engine.test_jobs import assert_outcomes_sum
from tests.working import work

ENTRIES = {
    "users.csv": "ann,ann@example.org,Ann Lee\nbo,,Bo Ek\n",
    "channels.csv": "news,ann,public,bo\nlab,bo,private,ann\n",
    "news/1.csv": "".join(
        f"ann,{1600000000000 + number},text {number}\n" for number in range(9)
    ),
    "lab/1.csv": "bo,1600000000002,secret\n",
    "directmessages/1.csv": "ann,bo,1600000000003,psst\nbo,ann,1600000000004,what\n",
}
PAGE = "/admin/imports_app/importoperation/{}/{}/"


def tried(api: ApiClient, messages: int = 2, entries: Any = None) -> ImportOperation:
    """Return a trial run that is done."""
    staged(api, packed(entries or ENTRIES))
    body = {"input": EVERYTHING, "trialMessages": messages}
    assert api.post("startImport", body).json() == {"success": True}
    work()
    operation = current()
    assert operation.status == Status.DONE
    return operation


def page_of(browser: Client, operation: ImportOperation, name: str = "change") -> str:
    response = browser.get(PAGE.format(operation.pk, name))
    assert response.status_code == 200
    return response.content.decode()


def test_trial_run_says_what_it_is_and_what_it_left(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = tried(importer_api)

    assert Message.objects.count() == 2 + 1 + 2
    assert_outcomes_sum(operation)
    name = operation.public_id
    details = importer_api.get(f"importOperations/{name}").json()["operation"]
    assert details["trialMessages"] == 2
    assert details["progress"]["kinds"]["message"]["notProcessed"] == 7
    assert (details["count"]["total"], details["count"]["completed"]) == (10, 10)
    latest = importer_api.get("getLatestImportOperations").json()[0]
    assert "trialMessages" not in latest
    reconciled = importer_api.get(f"importOperations/{name}/reconciliation").json()
    assert reconciled["missing"] == [{"kind": "message", "reason": "trial", "count": 7}]
    assert {
        room.get("name"): room["messages"]["notProcessed"]
        for room in reconciled["rooms"]
    } == {"news": 7, "lab": 0, None: 0}
    assert '"7"' in write_reconciliation(operation)
    assert '"message.not_processed"' in write_report(operation)
    page = page_of(importer_browser, operation)
    assert "Trial run: first 2 messages of each room" in page
    assert "7 messages not processed in the trial run" in page
    assert page.index("Review the conversations below") < page.index('"live-made"')
    assert page.index('"live-made"') < page.index('"live-outcome"')
    assert "Continue with the rest" in page
    assert "Undo import" in page
    assert "done, 5 of 5" in page
    history = importer_browser.get("/admin/imports_app/importoperation/")
    assert "Trial run: first 2 messages of each room" in history.content.decode()
    assert "7 not processed" in history.content.decode()


def test_the_rest_completes_a_trial_run(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = tried(importer_api)

    question = page_of(importer_browser, operation, "rest")
    importer_browser.post(PAGE.format(operation.pk, "rest"))
    work()

    assert "Continue with the rest" in question
    child = current()
    assert (child.rest_of, child.status, child.is_trial) == (
        *(operation, Status.DONE),
        False,
    )
    assert Message.objects.count() == 12
    counts = child.kind_counts.get(kind="message")
    assert (counts.imported, counts.unchanged, counts.unprocessed) == (7, 5, 0)
    page = page_of(importer_browser, operation)
    assert "A later import continued with the rest." in page
    assert "button-rest" not in page
    compared = importer_browser.get(
        "/admin/imports_app/importoperation/compare/",
        {"a": operation.public_id, "b": child.public_id},
    )
    assert "Trial run: first 2 messages of each room" in compared.content.decode()


def test_trial_run_is_undone(importer_api: ApiClient, importer_browser: Client) -> None:
    operation = tried(importer_api)

    start_undo(operation=operation, actor=Actor(importer_api.user))
    work()

    operation.refresh_from_db()
    assert operation.undo_state == UndoState.UNDONE
    assert not Message.objects.exists()
    assert not Room.objects.exists()
    assert "button-rest" not in page_of(importer_browser, operation)


def test_trial_run_of_everything_has_no_rest(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = tried(importer_api, 9)

    assert not has_rest(operation)
    page = page_of(importer_browser, operation)
    assert "No messages are left to import." in page
    assert "All selected records are in the workspace." in page
    answer = importer_api.post(f"importOperations/{operation.public_id}/rest")
    assert answer.json()["errorType"] == "error-nothing-left"


def test_trial_run_without_its_file_can_only_be_undone(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = tried(importer_api)
    upload_path(operation).unlink()

    page = page_of(importer_browser, operation)

    assert "The file is no longer stored. To import the rest, upload it again." in page
    assert "button-rest" not in page


def test_failed_records_of_a_trial_run_are_named(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    lab = "ghost,1600000000001,boo\nbo,1600000000002,secret\nghost,1600000000009,x\n"
    operation = tried(importer_api, 2, {**ENTRIES, "lab/1.csv": lab})

    page = page_of(importer_browser, operation)

    assert operation.count_error == 1
    assert "1 record failed." in page
    assert "Retry failed records" in page
    assert page.index("button-rest") < page.index("button-retry")


@pytest.mark.parametrize("number", [0, 1001, -1, 2.5, "many", None])
def test_api_refuses_other_numbers(importer_api: ApiClient, number: Any) -> None:
    staged(importer_api, packed(ENTRIES))

    answer = importer_api.post(
        "startImport", {"input": EVERYTHING, "trialMessages": number}
    )

    assert answer.status_code == 400
    assert current().status == Status.USER_SELECTION


def test_review_starts_a_trial_run(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = staged(importer_api, packed(ENTRIES))
    address = PAGE.format(operation.pk, "select")
    assert "The first 10 of each room: about 12 messages in total." in page_of(
        importer_browser, operation, "select"
    )
    assert 'id="do-trial"' in page_of(importer_browser, operation, "preview")

    for number in ("0", "1001", "x", ""):
        form = {"do": "trial", "revision": operation.revision, "trial": number}
        refused = importer_browser.post(address, form, follow=True)
        assert "Enter a number of messages from 1 to 1,000." in (
            refused.content.decode()
        )
    outdated = {"do": "trial", "revision": 0, "trial": "3"}
    importer_browser.post(address, outdated)
    assert current().status == Status.USER_SELECTION

    importer_browser.post(address, {**outdated, "revision": operation.revision})
    work()

    assert (current().trial_messages, current().status) == (3, Status.DONE)
    assert Message.objects.count() == 3 + 1 + 2


def test_cancelled_trial_run_has_a_rest(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = staged(importer_api, packed(ENTRIES))
    start_run(operation=operation, selection=ALL, actor=SERVER, trial_messages=1)
    cancel_operation(operation=operation, actor=SERVER)
    work()
    operation.refresh_from_db()

    page = page_of(importer_browser, operation)

    assert_outcomes_sum(operation)
    assert has_rest(operation)
    assert "Trial run: first message of each room" in page
    assert "button-rest" in page


def test_command_starts_a_trial_run_and_continues(
    admin_user: User, tmp_path: Any, capsys: Any
) -> None:
    path = tmp_path / "team.zip"
    path.write_bytes(packed(ENTRIES))

    call_command("import_file", path, all=True, trial=2, wait=True)

    operation = current()
    said = capsys.readouterr().out
    assert "Trial run: first 2 messages of each room." in said
    assert f"import_file --rest {operation.public_id}" in said
    assert Message.objects.count() == 5
    with pytest.raises(CommandError, match="Remove --trial"):
        call_command("import_file", rest=operation.public_id, trial=2)
    with pytest.raises(CommandError, match="use a number from 1 to 1,000"):
        call_command("import_file", path, "--all", "--trial", "0")
    call_command("import_file", rest=operation.public_id, wait=True)
    assert Message.objects.count() == 12


def test_notice_names_the_trial_run(importer_api: ApiClient) -> None:
    operation = tried(importer_api)

    notice = Notice.objects.get(operation=operation, event="import.completed")

    assert subject_of(notice) == "Trial run of team.zip: completed"
    assert mail.outbox == []


def test_decisions_apply_to_the_trial_run_and_to_the_rest(
    importer_api: ApiClient,
) -> None:
    operation = staged(importer_api, packed(ENTRIES))
    actor = Actor(importer_api.user)
    for kind, import_id, values in (
        (Kind.USER, "ann", {"action": DecisionAction.CREATE, "username": "ann.lee"}),
        (Kind.CHANNEL, "csv-c-news", {"action": DecisionAction.CHANGE, "name": "old"}),
        (Kind.CHANNEL, "csv-p-lab", {"action": DecisionAction.SKIP}),
    ):
        choice = Choice(kind=kind, import_id=import_id, **values)
        make_decision(operation=operation, choice=choice, actor=actor)
    start_run(operation=operation, selection=ALL, actor=actor, trial_messages=1)
    work()
    operation.refresh_from_db()
    assert (operation.status, operation.count_error) == (Status.DONE, 0)

    importer_api.post(f"importOperations/{operation.public_id}/rest")
    work()

    child = current()
    assert (child.rest_of, child.status, child.count_error) == (
        *(operation, Status.DONE),
        0,
    )
    assert set(Room.objects.values_list("name", flat=True)) == {"old", None}
    assert User.objects.filter(username="ann.lee").exists()
    assert not User.objects.filter(username="ann").exists()
    assert Message.objects.count() == 9 + 2
