from __future__ import annotations

from datetime import timedelta

import pytest
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


def test_shows_an_operation_with_its_timeline(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create(
        count_total=10, count_completed=6, count_error=1, status=Status.IMPORTING_USERS
    )
    event = OperationEventFactory.create(operation=operation)

    page = importer_browser.get(f"{LIST}{operation.pk}/change/").content.decode()

    assert "Importing users" in page
    assert "7 of 10, 1 failed" in page
    assert "Start a new import." in page  # it is invalid
    assert operation.public_id in page
    assert f"{event.created_at:%Y-%m-%d %H:%M:%S} UTC" in page
    assert event.actor is not None
    assert str(event.actor) in page


@pytest.mark.parametrize("status", Status)
def test_explains_every_status(importer_browser: Client, status: Status) -> None:
    operation = ImportOperationFactory.create(status=status, is_valid=True)

    answer = importer_browser.get(f"{LIST}{operation.pk}/change/")

    assert str(status.label) in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", 3),
        ("state=done", 1),
        ("state=nonsense", 3),
        ("errors=yes", 1),
        ("errors=no", 2),
        ("q=team", 1),
        ("status__exact=importer_done", 1),
    ],
)
def test_filters_the_list(importer_browser: Client, query: str, rows: int) -> None:
    ImportOperationFactory.create(file_name="team.zip", status=Status.DONE)
    ImportOperationFactory.create(status=Status.FAILED)
    ImportOperationFactory.create(status=Status.USER_SELECTION, is_valid=True)

    answer = importer_browser.get(f"{LIST}?{query}")

    assert answer.context["cl"].result_count == rows


def test_lists_operations_whose_starter_is_gone(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create()
    User.objects.filter(public_id=operation.user_id).delete()

    page = importer_browser.get(LIST).content.decode()

    assert str(operation.user_id) in page


def test_can_be_deleted_by_holders_of_that_permission_only(
    admin_browser: Client, importer_browser: Client
) -> None:
    path = f"{LIST}{ImportOperationFactory.create().pk}/delete/"

    assert importer_browser.post(path, {"post": "yes"}).status_code == 403
    assert ImportOperation.objects.exists()
    admin_browser.post(path, {"post": "yes"})
    assert not ImportOperation.objects.exists()


def test_can_be_neither_added_nor_changed(admin_browser: Client) -> None:
    operation = ImportOperationFactory.create()

    assert admin_browser.get(f"{LIST}add/").status_code == 403
    path = f"{LIST}{operation.pk}/change/"
    assert admin_browser.post(path, {"status": "importer_new"}).status_code == 403


def test_the_list_takes_as_many_queries_for_many_rows(
    importer_browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ImportOperationFactory.create_batch(40)

    with django_assert_max_num_queries(14):
        assert importer_browser.get(LIST).status_code == 200


def test_the_dashboard_explains_that_it_is_empty(importer_browser: Client) -> None:
    page = importer_browser.get("/admin/").content.decode()

    assert "Nothing was imported yet." in page
    assert "Nothing is running." in page
    assert "Nothing has failed." in page
    assert "Tokens that expire" not in page


def test_the_dashboard_shows_what_is_going_on(
    admin_browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True
    )
    failed = ImportOperationFactory.create_batch(12, status=Status.FAILED)[-1]
    AuthTokenFactory.create(
        name="old ci", expires_at=timezone.now() + timedelta(days=3)
    )

    with django_assert_max_num_queries(12):
        page = admin_browser.get("/admin/").content.decode()

    assert f"{LIST}{running.pk}/change/" in page
    assert f"{LIST}{failed.pk}/change/" in page
    assert "old ci" in page


def test_the_chart_ends_with_the_newest_operation_if_all_are_old(
    importer_browser: Client,
) -> None:
    long_ago = timezone.now().replace(2021, 10, 27)
    ImportOperationFactory.create(created_at=long_ago)

    page = importer_browser.get("/admin/").content.decode()

    assert "28 Sep 2021 to 27 Oct 2021" in page
