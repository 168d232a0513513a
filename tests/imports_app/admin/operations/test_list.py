"""List of imports in the admin: rows, filters and pagination."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from config.admin import pagination
from imports_app.models import ImportOperation
from imports_app.statuses import Status
from tests.factories import (
    ImportOperationFactory,
    KindCountFactory,
    RoleFactory,
    UserFactory,
)

LIST = "/admin/imports_app/importoperation/"
RECORDS = "/admin/imports_app/importrecord/"


def _page(browser: Client, query: str = "") -> str:
    answer = browser.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def _row(browser: Client, operation: ImportOperation) -> str:
    page = _page(browser)
    return page.partition(f"{LIST}{operation.pk}/change/")[2].partition("</tbody>")[0]


def test_a_row_shows_records_time_and_user(
    importer_browser: Client,
) -> None:
    ada = UserFactory.create(username="ada.l")
    start = timezone.now() - timedelta(hours=2)
    operation = ImportOperationFactory.create(
        user=ada,
        file_name="20261124101112_d26x6zSkaPSe5gCyy_team_export.zip",
        created_at=start,
        updated_at=start + timedelta(minutes=61),
        count_total=1508,
        count_completed=1500,
        count_error=8,
    )
    KindCountFactory.create(operation=operation, kind="user", imported=200, skipped=3)
    KindCountFactory.create(
        operation=operation, imported=1200, updated=100, skipped=40, failed=8
    )

    row = _row(importer_browser, operation)

    for text in (
        *(
            "CSV",
            ">team_export.zip<",
            f'title="{operation.file_name}"',
            "Completed with",
        ),
        *("by ada.l", f"{start:%Y-%m-%d %H:%M} UTC", "took 1 h 1 min"),
        *("1,508 of 1,508", "8 failed", "1,400 imported, 100 updated, 43 skipped"),
    ):
        assert text in row
    assert "retry of" not in row


def test_the_list_and_its_filter_show_labels_of_importers(
    importer_browser: Client,
) -> None:
    ImportOperationFactory.create(
        importer_key="slack-users", importer_name="Slack_Users"
    )

    page = _page(importer_browser)

    assert page.count("Slack member list") > 1
    assert "Slack_Users" not in page


def test_a_row_before_the_run_shows_the_found_records(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create(
        status=Status.USER_SELECTION, is_valid=True
    )
    for kind, found in (("user", 1), ("channel", 12), ("message", 1200)):
        KindCountFactory.create(operation=operation, kind=kind, staged=found)

    row = _row(importer_browser, operation)

    assert "1 user, 12 rooms, 1,200 messages" in row
    assert "Waiting for review" in row


def test_a_retry_names_the_retried_import(importer_browser: Client) -> None:
    first = ImportOperationFactory.create()
    retry = ImportOperationFactory.create(parent=first)

    assert f"retry of {first.public_id}" in _row(importer_browser, retry)


def test_the_title_names_the_listed_rows(importer_browser: Client) -> None:
    assert "Import operations | Import server</title>" in _page(importer_browser)


def test_the_newest_start_comes_first(importer_browser: Client) -> None:
    older, newer = ImportOperationFactory.create_batch(2)
    ImportOperation.objects.filter(pk=older.pk).update(updated_at=timezone.now())

    answer = importer_browser.get(LIST)

    assert list(answer.context["cl"].result_list) == [newer, older]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"team", "failed", "waiting", "old"}),
        ("status=completed", {"team"}),
        ("status=nonsense", {"team", "failed", "waiting", "old"}),
        ("errors=yes", {"failed", "old"}),
        ("errors=no", {"team", "waiting"}),
        ("importer=slack", {"waiting"}),
        ("importer=unknown", set()),
        ("starter=GraceGraceGraceGr", {"failed"}),
        ("starter=nobody", set()),
        ("status=waiting-for-review", {"waiting"}),
        ("status=&importer=slack", {"waiting"}),
        ("status=completed-with-failures", {"old"}),
        ("created_at_to=2021-10-27", {"old"}),
        ("created_at_from=2021-10-27&created_at_to=2021-10-27", {"old"}),
        ("created_at_from=2021-10-28", {"team", "failed", "waiting"}),
        ("created_at_to=9999-12-31", {"team", "failed", "waiting", "old"}),
        ("created_at_from=nonsense", {"team", "failed", "waiting", "old"}),
        ("q=TEAM", {"team"}),
        ("q=grace", {"failed"}),
        ("q=grace+failed", {"failed"}),
        ("q=grace+team", set()),
        ("q=GraceGraceGraceGr", {"failed"}),
        ("_facets=True", {"team", "failed", "waiting", "old"}),
    ],
)
def test_filters_the_list(
    importer_browser: Client, query: str, found: set[str]
) -> None:
    ImportOperationFactory.create(file_name="team")
    ImportOperationFactory.create(
        file_name="failed",
        status=Status.FAILED,
        user__username="grace",
        user__public_id="GraceGraceGraceGr",
    )
    ImportOperationFactory.create(
        file_name="waiting",
        importer_key="slack",
        importer_name="Slack",
        status=Status.USER_SELECTION,
        is_valid=True,
    )
    ImportOperationFactory.create(
        file_name="old",
        count_total=5,
        count_error=1,
        created_at=datetime(2021, 10, 27, 23, 59, 59, 999000, UTC),
    )

    answer = importer_browser.get(f"{LIST}?{query}")

    assert answer.status_code == 200
    assert {row.file_name for row in answer.context["cl"].result_list} == found
    assert answer.context["cl"].result_count == len(found)


def test_finds_an_operation_by_its_id(importer_browser: Client) -> None:
    operation, _other = ImportOperationFactory.create_batch(2)

    answer = importer_browser.get(f"{LIST}?q={operation.public_id}")

    assert list(answer.context["cl"].result_list) == [operation]


def test_finds_imports_of_a_deleted_user(importer_browser: Client) -> None:
    operation, _other = ImportOperationFactory.create_batch(2)
    gone = operation.user_id
    UserFactory._meta.model.objects.filter(public_id=gone).delete()

    answer = importer_browser.get(f"{LIST}?q={gone}")

    assert list(answer.context["cl"].result_list) == [operation]


def test_the_user_filter_offers_users_who_started_imports(
    importer_browser: Client,
) -> None:
    UserFactory.create(username="idle.one")
    ImportOperationFactory.create(user__username="busy.one")

    page = _page(importer_browser)

    assert "busy.one</option>" in page
    assert "idle.one" not in page


def test_an_empty_list_explains_how_to_start(importer_browser: Client) -> None:
    viewer = Client()
    role = RoleFactory.create(permissions=["view-import-operations"])
    viewer.force_login(UserFactory.create(roles=[role]))

    for_importer, for_viewer = _page(importer_browser), _page(viewer)

    assert "No imports yet" in for_importer
    assert for_importer.count(f'href="{LIST}new/"') == 2  # at the top, and here
    assert "No imports yet" in for_viewer
    assert "with the run-import permission" in for_viewer
    assert f"{LIST}new/" not in for_viewer


def test_a_filter_without_matches_shows_a_message(importer_browser: Client) -> None:
    ImportOperationFactory.create()

    page = _page(importer_browser, "status=in-progress")

    assert "No matching imports" in page
    assert "Show all imports" in page
    assert "No imports yet" not in page


def test_is_paginated(importer_browser: Client) -> None:
    rows = ImportOperationFactory.create_batch(30)

    seen = [
        row
        for number in (1, 2)
        for row in importer_browser.get(f"{LIST}?p={number}").context["cl"].result_list
    ]

    assert seen == rows[::-1]
    assert "30 import operations" in _page(importer_browser)
    assert importer_browser.get(f"{LIST}?p=3").status_code == 302


@pytest.mark.parametrize("path", [LIST, RECORDS])
def test_tells_when_the_number_of_rows_is_limited(
    importer_browser: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(pagination, "MOST_ROWS", 26)
    operation = ImportOperationFactory.create_batch(27)[0]
    for _ in range(27):
        operation.records.create(kind="user", data={})

    answer = importer_browser.get(f"{path}?p=2")

    assert len(answer.context["cl"].result_list) == 1
    page = answer.content.decode()
    assert "first 26" in page
    assert "use filters or search to see others" in page


@pytest.mark.parametrize("rows", [10, 100])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    importer_browser: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
) -> None:
    for operation in ImportOperationFactory.create_batch(rows):
        KindCountFactory.create(operation=operation, imported=3)
        ImportOperationFactory.create(parent=operation)

    # Session, user, permissions; the choices of the user filter; the keys of the
    # countable rows; the page with users and parents; its counts by kind.
    with django_assert_num_queries(7):
        _page(importer_browser)
