"""Import operations in the admin: to look at, to find, to delete."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from imports_app.models import ImportOperation
from imports_app.statuses import Status
from tests.factories import (
    AuthTokenFactory,
    ImportOperationFactory,
    OperationEventFactory,
)

LIST = "/admin/imports_app/importoperation/"


def _page(browser: Client, operation: ImportOperation) -> str:
    answer = browser.get(f"{LIST}{operation.pk}/change/")
    assert answer.status_code == 200
    return answer.content.decode().partition('id="content"')[2]


def test_shows_everything_about_an_operation(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create(
        status=Status.FAILED,
        file_name="team.zip",
        file_size=2048,
        content_type="application/zip",
        count_total=12345,
        count_completed=6000,
        count_error=1,
        error_code="error-invalid-archive",
        error_message="The archive is damaged.",
    )

    page = _page(importer_browser, operation)

    for text in (
        *("Failed", operation.public_id, "CSV", "csv", str(operation.user)),
        *("team.zip", "2.0", "application/zip", "6,001 of 12,345", "1 failed"),
        *("The archive is damaged.", "error-invalid-archive", "Start a new import."),
        f"{operation.created_at:%Y-%m-%d %H:%M:%S} UTC",
    ):
        assert text in page


def test_shows_the_timeline(admin_browser: Client) -> None:
    operation = ImportOperationFactory.create()
    token = AuthTokenFactory.create(user=operation.user)
    made = OperationEventFactory.create(operation=operation, token=token)
    OperationEventFactory.create(
        operation=operation,
        actor=None,
        from_status=Status.NEW,
        to_status=Status.UPLOADING,
    )
    OperationEventFactory.create(
        operation=operation,
        from_status=Status.UPLOADING,
        to_status=Status.UPLOADING,
        is_valid=False,
    )

    page = _page(admin_browser, operation)

    for text in (
        *(f"{made.created_at:%Y-%m-%d %H:%M:%S} UTC", str(made.actor), str(token)),
        *("the server", "New → Uploading", "stays Uploading"),
    ):
        assert text in page


@pytest.mark.parametrize("is_valid", [True, False])
@pytest.mark.parametrize("status", Status)
def test_says_what_each_state_means(
    importer_browser: Client, status: Status, is_valid: bool
) -> None:
    operation = ImportOperationFactory.create(status=status, is_valid=is_valid)

    page = _page(importer_browser, operation)

    told = page.partition('text-important">')[2].partition("</p>")[0]
    assert str(status.label) in page
    assert len(told) > 20
    is_overtaken = "A later import took its place" in told
    assert is_overtaken is (
        not is_valid and status not in {Status.DONE, Status.FAILED, Status.CANCELLED}
    )


@pytest.mark.parametrize(
    ("failed", "told"),
    [(0, "There is nothing to do."), (2, "Look at the failed ones.")],
)
def test_says_what_to_do_with_a_finished_import(
    importer_browser: Client, failed: int, told: str
) -> None:
    operation = ImportOperationFactory.create(count_total=9, count_error=failed)

    assert told in _page(importer_browser, operation)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"status": Status.DONE}, "took 1 h 1 min"),
        ({"status": Status.USER_SELECTION}, "after 1 h 1 min"),
        ({"status": Status.IMPORTING_USERS, "is_valid": True}, "running for 2 h"),
    ],
)
def test_says_how_long_it_took(
    importer_browser: Client, fields: dict[str, Any], told: str
) -> None:
    start = timezone.now() - timedelta(hours=2, seconds=1)
    operation = ImportOperationFactory.create(
        created_at=start, updated_at=start + timedelta(minutes=61), **fields
    )

    assert told in _page(importer_browser, operation)
    assert told in importer_browser.get(LIST).content.decode()


def test_shows_an_operation_about_which_little_is_known(
    importer_browser: Client,
) -> None:
    operation = ImportOperationFactory.create(user=None, status=Status.NEW)

    assert "Nothing has been counted yet." in _page(importer_browser, operation)
    assert importer_browser.get(LIST).status_code == 200


def test_an_unknown_operation_leads_back_with_a_message(
    importer_browser: Client,
) -> None:
    answer = importer_browser.get(f"{LIST}99/change/", follow=True)

    assert "Perhaps it was deleted?" in answer.content.decode()


def test_shows_operations_whose_starter_is_gone(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create(status=Status.FAILED)
    User.objects.filter(public_id=operation.user_id).delete()

    for path in (LIST, f"{LIST}{operation.pk}/change/", "/admin/"):
        page = importer_browser.get(path).content.decode()
        assert f"{operation.user_id} (account deleted)" in page


def test_can_be_deleted_by_holders_of_that_permission_only(
    admin_browser: Client, importer_browser: Client
) -> None:
    one, other = ImportOperationFactory.create_batch(2)
    form = {"action": "delete_selected", "_selected_action": [one.pk], "post": "yes"}
    path = f"{LIST}{other.pk}/delete/"

    importer_browser.post(LIST, form)
    assert importer_browser.post(path, {"post": "yes"}).status_code == 403
    assert ImportOperation.objects.count() == 2

    admin_browser.post(LIST, form)
    admin_browser.post(path, {"post": "yes"})
    assert not ImportOperation.objects.exists()
    assert LogEntry.objects.count() == 2


def test_can_be_neither_added_nor_changed(admin_browser: Client) -> None:
    operation = ImportOperationFactory.create()

    assert admin_browser.get(f"{LIST}add/").status_code == 403
    path = f"{LIST}{operation.pk}/change/"
    assert admin_browser.post(path, {"status": "importer_new"}).status_code == 403


@pytest.mark.parametrize("events", [2, 20])
def test_the_page_takes_as_many_queries_for_a_long_timeline(
    importer_browser: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    events: int,
) -> None:
    operation = ImportOperationFactory.create()
    token = AuthTokenFactory.create()
    OperationEventFactory.create_batch(events, operation=operation, token=token)

    # Session, user, permissions; the operation, to sum it up and to show it, and its
    # report; outcomes by kind; the timeline; and what the buttons depend on.
    with django_assert_num_queries(15):
        _page(importer_browser, operation)


def test_a_running_operation_stays(admin_browser: Client) -> None:
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True
    )
    ended = ImportOperationFactory.create()
    chosen = {"action": "delete_selected", "_selected_action": [running.pk, ended.pk]}

    for path, form in (
        (f"{LIST}{running.pk}/delete/", {"post": "yes"}),
        (LIST, {**chosen, "post": "yes"}),
    ):
        assert admin_browser.post(path, form).status_code == 403

    assert ImportOperation.objects.count() == 2
