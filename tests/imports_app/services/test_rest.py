"""Import of what a run that ended early did not process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from imports_app.engine import jobs
from imports_app.engine.parts import messages
from imports_app.engine.plans import pages
from imports_app.errors import FileGoneError, NothingLeftError
from imports_app.models import ImportOperation, Message, Room
from imports_app.selection.rules import KindSelection, Selection
from imports_app.services.operations import cancel_operation
from imports_app.services.runs import import_rest, start_run
from imports_app.statuses import Status
from imports_app.transitions import SERVER, Actor, fail_operation
from imports_app.uploads.storage import upload_path
from tests.conftest import ApiClient
from tests.imports_app.api.importing import packed, staged
from tests.imports_app.engine.test_jobs import assert_outcomes_sum, call_after_pages
from tests.working import work

MESSAGES = 10
ENTRIES = {
    "users.csv": "ann,ann@example.org,Ann Lee\nbo,,Bo Ek\nodd,,Odd\n",
    "channels.csv": "news,ann,public,bo\nlab,bo,private,ann\n",
    "news/1.csv": "".join(
        f"ann,{1600000000000 + number},text {number}\n" for number in range(MESSAGES)
    ),
    "lab/1.csv": "bo,1600000000002,secret\n",
}
SELECTION = Selection(
    users=KindSelection(everything=True, deselected=frozenset({"odd"})),
    channels=KindSelection(ids=frozenset({"csv-c-news"})),
)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use several pages for few messages."""
    monkeypatch.setattr(messages, "PAGES", {"sqlite": 4, "postgresql": 4})
    monkeypatch.setattr(pages, "PAGE", 2)


@pytest.fixture
def ended(importer_api: ApiClient) -> ImportOperation:
    """Return an import that was cancelled during its messages."""

    def cancel(operation: ImportOperation) -> None:
        cancel_operation(operation=operation, actor=SERVER)

    return end_early(importer_api, cancel)


def end_early(
    api: ApiClient, end: Callable[[ImportOperation], object], pages: int = 4
) -> ImportOperation:
    operation = staged(api, packed(ENTRIES))
    start_run(operation=operation, selection=SELECTION, actor=Actor(api.user))
    jobs.run(operation.pk, call_after_pages(pages, lambda: end(operation)))
    work()
    operation.refresh_from_db()
    return operation


def counts(operation: ImportOperation) -> dict[str, dict[str, int]]:
    """Return the numbers that are not zero, by kind."""
    names = ("imported", "updated", "unchanged", "skipped", "failed", "unprocessed")
    return {
        count.kind: {name: number for name in names if (number := getattr(count, name))}
        for count in operation.kind_counts.all()
    }


def test_records_that_a_run_did_not_reach_are_not_processed(
    ended: ImportOperation,
) -> None:
    assert counts(ended) == {
        "user": {"imported": 2, "skipped": 1},
        "channel": {"imported": 1, "skipped": 1},
        "message": {"imported": 4, "unprocessed": 7},
    }
    assert_outcomes_sum(ended)


def test_a_failed_run_has_a_rest_too(importer_api: ApiClient) -> None:
    def fail(operation: ImportOperation) -> None:
        fail_operation(operation=operation, code="x", message="x", actor=SERVER)

    failed = end_early(importer_api, fail, pages=1)

    assert counts(failed) == {
        "user": {"imported": 2, "unprocessed": 1},
        "channel": {"unprocessed": 2},
        "message": {"unprocessed": 11},
    }
    response = importer_api.post(f"importOperations/{failed.public_id}/rest")
    work()

    child = ImportOperation.objects.valid().get()
    assert response.json()["operation"]["_id"] == child.public_id
    assert child.status == Status.DONE
    assert Message.objects.count() == MESSAGES


def test_the_rest_continues_with_the_same_file_and_selection(
    importer_api: ApiClient, ended: ImportOperation
) -> None:
    response = importer_api.post(f"importOperations/{ended.public_id}/rest")
    work()

    assert response.status_code == 200
    child = ImportOperation.objects.valid().get()
    assert (child.rest_of, child.parent, child.status) == (ended, None, Status.DONE)
    assert child.selection == ended.selection
    assert child.sent_by == ended.sent_by
    assert counts(child) == {
        "user": {"unchanged": 2, "skipped": 1},
        "channel": {"unchanged": 1, "skipped": 1},
        "message": {"imported": 6, "unchanged": 4, "skipped": 1},
    }
    assert set(Room.objects.values_list("name", flat=True)) == {"news"}
    assert not User.objects.filter(username="odd").exists()
    document = importer_api.get(f"importOperations/{child.public_id}").json()
    assert document["operation"]["restOf"] == ended.public_id
    assert document["operation"]["progress"]["kinds"]["message"]["notProcessed"] == 0


def test_an_import_without_a_rest_is_refused(importer_api: ApiClient) -> None:
    waiting = staged(importer_api, packed(ENTRIES))
    path = f"importOperations/{waiting.public_id}/rest"
    assert importer_api.post(path).json()["errorType"] == "error-nothing-left"

    start_run(operation=waiting, selection=SELECTION, actor=SERVER)
    assert importer_api.post(path).status_code == 400
    work()
    assert importer_api.post(path).json()["errorType"] == "error-nothing-left"

    never_run = staged(importer_api, packed(ENTRIES))
    cancel_operation(operation=never_run, actor=SERVER)
    with pytest.raises(NothingLeftError):
        import_rest(operation=never_run, actor=SERVER)


def test_the_rest_is_not_offered_without_the_file(
    importer_browser: Client, importer_user: User, ended: ImportOperation
) -> None:
    page = f"/admin/imports_app/importoperation/{ended.pk}/change/"
    before = importer_browser.get(page).content.decode()
    upload_path(ended).unlink()

    after = importer_browser.get(page).content.decode()

    assert "7 records were not processed. Import the rest to continue" in before
    assert "/rest/" in before
    assert "The file is no longer stored. To import the rest, upload it again." in after
    assert "/rest/" not in after
    with pytest.raises(FileGoneError):
        import_rest(operation=ended, actor=Actor(importer_user))


def test_the_page_asks_before_it_replaces_another_import(
    importer_browser: Client, importer_api: ApiClient, ended: ImportOperation
) -> None:
    other = staged(importer_api, packed(ENTRIES))
    page = f"/admin/imports_app/importoperation/{ended.pk}/rest/"

    refused = importer_browser.post(page)
    other.refresh_from_db()
    assert other.is_valid
    assert "Another import is in progress" in refused.content.decode()

    importer_browser.post(page, {"replaces": other.pk})
    work()

    child = ImportOperation.objects.valid().get()
    assert child.rest_of == ended
    headline = importer_browser.get(
        f"/admin/imports_app/importoperation/{ended.pk}/change/"
    ).content.decode()
    assert "Continued by" in headline


def test_the_command_imports_the_rest(
    admin_user: User, ended: ImportOperation, capsys: Any
) -> None:
    call_command("import_file", rest=ended.public_id, wait=True)

    child = ImportOperation.objects.valid().get()
    assert (child.rest_of, child.status) == (ended, Status.DONE)
    assert Message.objects.count() == MESSAGES
    with pytest.raises(CommandError, match="no import with the ID"):
        call_command("import_file", rest="nobody")
    with pytest.raises(CommandError, match="can't be combined"):
        call_command("import_file", "x.zip", rest=ended.public_id)
    with pytest.raises(CommandError, match="Pass a file"):
        call_command("import_file")


def test_a_rest_can_end_early_as_well(
    importer_api: ApiClient, importer_user: User, ended: ImportOperation
) -> None:
    child = import_rest(operation=ended, actor=Actor(importer_user))

    def cancel() -> None:
        cancel_operation(operation=child, actor=SERVER)

    jobs.prepare(child.pk, call_after_pages(5, cancel))
    child.refresh_from_db()
    assert_outcomes_sum(child)

    grandchild = import_rest(operation=child, actor=Actor(importer_user))
    work()

    grandchild.refresh_from_db()
    assert grandchild.status == Status.DONE
    assert Message.objects.count() == MESSAGES
    assert counts(grandchild)["message"].keys() <= {"imported", "unchanged", "skipped"}
