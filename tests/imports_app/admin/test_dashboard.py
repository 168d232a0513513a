"""The admin's index: what is going on, to those who may know."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from imports_app.statuses import Status
from tests.factories import (
    AuthTokenFactory,
    ImportOperationFactory,
    RoleFactory,
    UserFactory,
)

LIST = "/admin/imports_app/importoperation/"


def _index(browser: Client) -> Any:
    answer = browser.get("/admin/")
    assert answer.status_code == 200
    return answer


def test_explains_that_it_is_empty(importer_browser: Client) -> None:
    page = _index(importer_browser).content.decode()

    assert "Nothing was imported yet." in page
    assert "Nothing is running." in page
    assert "Nothing has failed in these days." in page
    assert "There are no operations." in page


def test_shows_what_is_going_on(admin_browser: Client) -> None:
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True, count_total=9
    )
    failed = ImportOperationFactory.create(
        status=Status.FAILED, error_message="The archive is damaged."
    )
    partly = ImportOperationFactory.create(count_total=9, count_error=2)
    soon = AuthTokenFactory.create(expires_at=timezone.now() + timedelta(days=3.5))
    later = AuthTokenFactory.create(expires_at=timezone.now() + timedelta(days=40))

    answer = _index(admin_browser)

    page = answer.content.decode()
    assert [row["href"] for row in answer.context["running"]] == [
        f"{LIST}{running.pk}/change/"
    ]
    assert [row["href"] for row in answer.context["failures"]] == [
        f"{LIST}{partly.pk}/change/",
        f"{LIST}{failed.pk}/change/",
    ]
    assert "The archive is damaged." in page
    assert str(soon) in page
    assert "in 3 days" in page
    assert str(later) not in page


def test_each_panel_needs_its_permission(importer_browser: Client) -> None:
    AuthTokenFactory.create(name="ci", expires_at=timezone.now() + timedelta(days=1))
    ImportOperationFactory.create(file_name="team.zip", status=Status.FAILED)
    keeper = Client()
    role = RoleFactory.create(permissions=["access-permissions"])
    keeper.force_login(UserFactory.create(roles=[role]))

    for_importer = _index(importer_browser).content.decode()
    for_keeper = _index(keeper).content.decode()

    assert "team.zip" in for_importer
    assert "Tokens that expire" not in for_importer
    assert "Tokens that expire" in for_keeper
    assert "ci …" in for_keeper
    assert "team.zip" not in for_keeper
    assert "Operations per day" not in for_keeper


def test_counts_each_outcome_by_day(importer_browser: Client) -> None:
    today = timezone.now()
    for status in Status:
        ImportOperationFactory.create(status=status, created_at=today)
    ImportOperationFactory.create(created_at=today - timedelta(days=29))
    ImportOperationFactory.create(created_at=today - timedelta(days=30))

    context = _index(importer_browser).context

    chart = json.loads(context["chart"])
    assert len(chart["labels"]) == 30
    assert chart["labels"][-1] == f"{today:%m-%d}"
    by_outcome = {row["label"]: row["data"] for row in chart["datasets"]}
    assert {label: data[-1] for label, data in by_outcome.items()} == {
        "Done": 1,
        "Failed": 1,
        "Cancelled": 1,
        "Unfinished": len(Status) - 3,
    }
    assert by_outcome["Done"][0] == 1
    assert {row["label"]: row["number"] for row in context["outcomes"]} == {
        label: sum(data) for label, data in by_outcome.items()
    }
    by_status = {row["badge"]: row["number"] for row in context["by_status"]}
    assert len(by_status) == len(Status)
    assert max(by_status.values()) == 3


def test_each_figure_leads_to_the_operations_behind_it(
    importer_browser: Client,
) -> None:
    ImportOperationFactory.create(status=Status.CANCELLED)
    ImportOperationFactory.create(status=Status.DONE)
    context = _index(importer_browser).context

    for row in (*context["outcomes"][:3], *context["by_status"]):
        found = importer_browser.get(row["href"]).context["cl"].result_count
        assert found == row["number"]


def test_the_chart_ends_with_the_newest_operation_if_all_are_old(
    importer_browser: Client,
) -> None:
    ImportOperationFactory.create(created_at=datetime(2021, 10, 27, 8, tzinfo=UTC))

    page = _index(importer_browser).content.decode()

    assert "2021-09-28 to 2021-10-27" in page


@pytest.mark.parametrize("rows", [10, 100])
def test_takes_as_many_queries_for_many_rows(
    admin_browser: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    ImportOperationFactory.create_batch(rows, status=Status.FAILED)
    ImportOperationFactory.create(status=Status.IMPORTING_USERS, is_valid=True)
    for _ in range(rows):
        AuthTokenFactory.create(expires_at=timezone.now() + timedelta(days=1))

    # Session, user, permissions; the newest start, by day, by status; what runs, what
    # failed; the tokens.
    with django_assert_num_queries(9):
        _index(admin_browser)
