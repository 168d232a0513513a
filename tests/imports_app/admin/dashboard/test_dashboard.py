"""Dashboard of the admin: charts, lists and permissions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from imports_app.models import Outcome, WorkerHeartbeat
from imports_app.statuses import Status
from tests.factories import (
    AuthTokenFactory,
    ImportOperationFactory,
    ImportRecordFactory,
    RoleFactory,
    UserFactory,
)

LIST = "/admin/imports_app/importoperation/"


def _index(browser: Client) -> Any:
    answer = browser.get("/admin/")
    assert answer.status_code == 200
    return answer


def test_an_empty_dashboard_explains_its_panels(importer_browser: Client) -> None:
    page = _index(importer_browser).content.decode()

    assert "No imports yet" in page
    assert f'href="{LIST}new/"' in page
    assert "No records imported in this period." in page
    assert "No failed records are stored for this period" in page
    assert "No imports in progress." in page
    assert "No failures in this period." in page


def test_shows_running_and_failed_imports_and_expiring_tokens(
    admin_browser: Client,
) -> None:
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
    assert "Tokens expiring" not in for_importer
    assert "Tokens expiring" in for_keeper
    assert "ci …" in for_keeper
    assert "team.zip" not in for_keeper
    assert "Imports per day" not in for_keeper


def test_counts_each_outcome_by_day(importer_browser: Client) -> None:
    today = timezone.now()
    for status in Status:
        ImportOperationFactory.create(status=status, created_at=today)
    ImportOperationFactory.create(
        status=Status.USER_SELECTION, is_valid=True, created_at=today
    )
    ImportOperationFactory.create(created_at=today - timedelta(days=29))
    ImportOperationFactory.create(created_at=today - timedelta(days=30))

    context = _index(importer_browser).context

    chart = context["operations_chart"]
    assert len(chart.days) == 30
    assert chart.days[-1] == today.date()
    by_status = {series.label: series.numbers for series in chart.series}
    assert {label: data[-1] for label, data in by_status.items()} == {
        "Completed": 1,
        "Completed with failures": 0,
        "Failed": 1,
        "Cancelled": 1,
        "Replaced": len(Status) - 3,
        "Partly undone": 0,
        "Undone": 0,
        "Waiting for review": 1,
        "In progress": 0,
    }
    assert by_status["Completed"][0] == 1
    assert {row["label"]: row["number"] for row in context["statuses"]} == {
        label: sum(data) for label, data in by_status.items()
    }


def test_each_figure_links_to_its_imports(
    importer_browser: Client,
) -> None:
    ImportOperationFactory.create(status=Status.CANCELLED)
    ImportOperationFactory.create(status=Status.DONE)
    context = _index(importer_browser).context

    for row in context["statuses"]:
        found = importer_browser.get(row["href"]).context["cl"].result_count
        assert found == row["number"]


def test_the_chart_ends_with_the_newest_import_if_all_are_old(
    importer_browser: Client,
) -> None:
    ImportOperationFactory.create(created_at=datetime(2021, 10, 27, 8, tzinfo=UTC))

    page = _index(importer_browser).content.decode()

    assert "2021-09-28 to 2021-10-27" in page


def test_counts_the_records_of_each_day(importer_browser: Client) -> None:
    today = timezone.now()
    for failed in (2, 3):
        ImportOperationFactory.create(
            created_at=today, count_completed=10, count_error=failed
        )
    ImportOperationFactory.create(created_at=today - timedelta(days=29), count_error=1)
    ImportOperationFactory.create(created_at=today - timedelta(days=30), count_error=9)

    answer = _index(importer_browser)

    imported, failures = answer.context["records_chart"].series
    assert (imported.numbers[-1], failures.numbers[-1]) == (20, 5)
    assert (imported.numbers[0], failures.numbers[0]) == (0, 1)
    assert sum(failures.numbers) == 6


def test_each_chart_has_its_figures_as_a_table(importer_browser: Client) -> None:
    today = timezone.now()
    ImportOperationFactory.create(
        created_at=today, count_completed=1234, status=Status.FAILED
    )

    page = _index(importer_browser).content.decode()

    tables = page.split('<details class="figures">')[1:]
    assert len(tables) == 2
    for table in tables:
        assert f'<th scope="row">{today:%Y-%m-%d}</th>' in table
        assert f"{today - timedelta(days=1):%Y-%m-%d}" not in table.partition("</d")[0]
    assert "<td>1,234</td>" in tables[1]


def test_charts_do_not_rely_on_color_or_motion(importer_browser: Client) -> None:
    ImportOperationFactory.create(count_completed=1, created_at=timezone.now())

    context = _index(importer_browser).context

    for name in ("operations_chart", "records_chart"):
        chart = context[name]
        textures = [series.look.texture for series in chart.series]
        assert len(set(textures)) == len(textures)
        assert json.loads(chart.options)["animation"] is False


def test_lists_failure_reasons_the_most_frequent_first(
    importer_browser: Client,
) -> None:
    recent = ImportOperationFactory.create(created_at=timezone.now())
    old = ImportOperationFactory.create(created_at=timezone.now() - timedelta(days=31))
    for operation, code, outcome in (
        *[(recent, "importer-row-nul", Outcome.FAILED)] * 2,
        (recent, "fetch-too-slow", Outcome.FAILED),
        (recent, "importer-not-selected", Outcome.SKIPPED),
        (old, "importer-value-too-long", Outcome.FAILED),
    ):
        ImportRecordFactory.create(operation=operation, code=code, outcome=outcome)

    answer = _index(importer_browser)

    codes = answer.context["codes"]
    assert [(row["code"], row["number"]) for row in codes] == [
        ("importer-row-nul", 2),
        ("fetch-too-slow", 1),
    ]
    assert "Download timed out" in answer.content.decode()
    for row in codes:
        listed = importer_browser.get(row["href"]).context["cl"]
        assert {record.code for record in listed.result_list} == {row["code"]}
        assert listed.result_count == row["number"]
        assert escape(row["href"]) in answer.content.decode()


def test_offers_a_new_import_with_the_run_permission(importer_browser: Client) -> None:
    viewer = Client()
    role = RoleFactory.create(permissions=["view-import-operations"])
    viewer.force_login(UserFactory.create(roles=[role]))

    assert f'href="{LIST}new/"' in _index(importer_browser).content.decode()
    page = _index(viewer).content.decode()
    assert f"{LIST}new/" not in page
    assert "Users with the run-import permission can start one." in page


@pytest.mark.parametrize("rows", [10, 100])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    admin_browser: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for operation in ImportOperationFactory.create_batch(rows, status=Status.FAILED):
        ImportRecordFactory.create(operation=operation, outcome=Outcome.FAILED)
    ImportOperationFactory.create(status=Status.IMPORTING_USERS, is_valid=True)
    for _ in range(rows):
        AuthTokenFactory.create(expires_at=timezone.now() + timedelta(days=1))

    # Session, user, permissions; the newest start; imports by day; failures by code;
    # the workers; running and failed imports; servers; tokens.
    with django_assert_num_queries(11):
        _index(admin_browser)


def test_warns_if_no_worker_is_running(
    importer_browser: Client,
) -> None:
    warning = "No worker is running."
    assert warning in _index(importer_browser).content.decode()

    beat = WorkerHeartbeat.objects.create(worker_id="w", host="here", pid=1)
    assert warning not in _index(importer_browser).content.decode()

    beat.seen_at -= timedelta(seconds=61)
    beat.save()
    assert warning in _index(importer_browser).content.decode()
