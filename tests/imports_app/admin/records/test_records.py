"""Records of an import: filters, search and page of a record."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import ActivityEntry, User
from imports_app.error_catalog import EXPLANATIONS
from imports_app.models import ImportOperation, ImportRecord, Room
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory, RoleFactory, UserFactory
from tests.imports_app.api.importing import imported

LIST = "/admin/imports_app/importrecord/"


@pytest.fixture
def operation(db: None) -> ImportOperation:
    """Import with a few records."""
    operation = ImportOperationFactory.create()
    for kind, import_id, outcome, code, line in (
        ("user", "u1", "imported", "", 1),
        ("message", "m1", "failed", "importer-message-unknown-user", 2),
        ("message", "m2", "failed", "importer-row-too-short", 12),
        ("message", "m3", "skipped", "importer-not-selected", 2),
    ):
        ImportRecord.objects.create(
            operation=operation,
            kind=kind,
            import_id=import_id,
            data={"text": "what was said"},
            outcome=outcome,
            code=code,
            message=f"Reason of {import_id}.",
            source_file=f"{kind}s/2020-01.csv",
            source_line=line,
            target_id=7 if outcome == "imported" else None,
        )
    return operation


def browser_of(*permissions: str) -> Client:
    """Return the client of a user who views operations and has these permissions."""
    names = ["view-import-operations", *permissions]
    browser = Client()
    browser.force_login(
        UserFactory.create(roles=[RoleFactory.create(permissions=names)])
    )
    return browser


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"u1", "m1", "m2", "m3"}),
        ("outcome__exact=failed", {"m1", "m2"}),
        ("kind__exact=user", {"u1"}),
        ("code=importer-row-too-short", {"m2"}),
        ("came_in=yes", {"u1"}),
        ("q=m3", {"m3"}),
        ("q=reason of m1", {"m1"}),
        ("q=messages/", {"m1", "m2", "m3"}),
        ("q=messages/2020-01.csv:12", {"m2"}),
        ("q=2020-01.csv:2", {"m1", "m3"}),
        ("q=2020-01.csv:999999999999", set()),
        ("operation__id__exact=0", set()),
    ],
)
def test_filters_the_records(
    importer_browser: Client, operation: ImportOperation, query: str, found: set[str]
) -> None:
    prefix = "" if "operation" in query else f"operation__id__exact={operation.pk}&"

    answer = importer_browser.get(f"{LIST}?{prefix}{query}")

    assert answer.status_code == 200
    assert {row.import_id for row in answer.context["cl"].result_list} == found


def test_offers_the_codes_of_the_operation_by_their_titles(
    importer_browser: Client, operation: ImportOperation
) -> None:
    page = importer_browser.get(f"{LIST}?operation__id__exact={operation.pk}")
    text = page.content.decode()

    assert str(EXPLANATIONS["importer-row-too-short"].title) in text
    assert str(EXPLANATIONS["importer-record-rejected"].title) not in text
    assert f"/importoperation/{operation.pk}/change/" in text


def test_links_to_created_objects_with_the_view_permission(
    importer_api: ApiClient, admin_browser: Client
) -> None:
    operation = imported(importer_api)
    room = Room.objects.get(name="news")
    user = User.objects.get(username="ann")
    listing = f"{LIST}?operation__id__exact={operation.pk}"

    page = admin_browser.get(listing).content.decode()
    assert f"/admin/imports_app/room/{room.pk}/change/" in page
    assert f"/admin/accounts/user/{user.pk}/change/" in page

    page = browser_of().get(listing).content.decode()
    assert "/admin/imports_app/room/" not in page
    assert "/admin/accounts/user/" not in page


def test_shows_the_error_and_the_location_of_a_record(
    importer_browser: Client, operation: ImportOperation
) -> None:
    record = operation.records.get(import_id="m2")

    page = importer_browser.get(f"{LIST}{record.pk}/change/").content.decode()

    explained = EXPLANATIONS["importer-row-too-short"]
    for text in (
        *(explained.title, explained.meaning, explained.hint, record.code),
        *("Reason of m2.", "messages/2020-01.csv:12", str(operation)),
    ):
        assert str(text) in page


@pytest.mark.parametrize(
    ("permissions", "outcome", "may_read"),
    [
        ([], "failed", False),
        (["run-import"], "failed", True),
        (["run-import"], "skipped", False),
        (["view-room-administration"], "skipped", True),
    ],
)
def test_message_texts_require_a_permission(
    operation: ImportOperation, permissions: list[str], outcome: str, may_read: bool
) -> None:
    record = operation.records.filter(kind="message", outcome=outcome).first()
    assert record is not None

    page = browser_of(*permissions).get(f"{LIST}{record.pk}/change/").content.decode()

    assert ("what was said" in page) is may_read
    assert ("hidden: requires the permission to view rooms" in page) is not may_read
    logged = ActivityEntry.objects.filter(name=f"records of {operation}")
    assert logged.exists() is may_read


@pytest.mark.parametrize(
    ("data", "shown", "hidden"),
    [
        ({"avatar_url": "https://a.example/p.png?token=secret"}, "/p.png", "secret"),
        ({"files": [{"url": "https://a.example/f?t=secret"}]}, "/f", "secret"),
        ({"name": "<script>"}, "&lt;script&gt;", "<script>alert"),
        ({"sent_at": 1_600_000_000_000}, "2020-09-13 12:26 UTC", "1600000000000"),
        ({"sent_at": 10**20}, "100000000000000000000", "Error"),
        ({"members": ["ann", "bo"]}, "<div>ann</div><div>bo</div>", "[&#x27;"),
        ({"is_bot": True}, "yes", "True"),
    ],
)
def test_formats_the_data(
    admin_browser: Client,
    operation: ImportOperation,
    data: Any,
    shown: str,
    hidden: str,
) -> None:
    record = ImportRecord.objects.create(operation=operation, kind="user", data=data)

    page = admin_browser.get(f"{LIST}{record.pk}/change/").content.decode()

    content = page.partition('class="record-data"')[2]
    assert shown in content
    assert hidden not in content


def test_an_unknown_record_is_not_found_and_records_are_read_only(
    admin_browser: Client, operation: ImportOperation
) -> None:
    assert admin_browser.get(f"{LIST}99999/change/").status_code == 404
    record = operation.records.first()
    assert record is not None
    answer = admin_browser.post(f"{LIST}{record.pk}/change/", {"code": "x"})
    assert answer.status_code == 403


@pytest.mark.parametrize("rows", [10, 100])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    admin_browser: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
) -> None:
    operation = ImportOperationFactory.create()
    for number in range(rows):
        ImportRecord.objects.create(
            operation=operation, kind="user", data={}, target_id=number
        )

    # Session, user, permissions; the operation; the choices of the filters by code
    # and guess; the keys of the countable rows; the rows of the page.
    with django_assert_num_queries(8):
        page = admin_browser.get(f"{LIST}?operation__id__exact={operation.pk}")
        assert page.status_code == 200
