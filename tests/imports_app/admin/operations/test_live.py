"""Polling of an operation's page: the changed part, or 304."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from imports_app.models import ImportOperation, KindCount
from imports_app.statuses import Status
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory, RoleFactory
from tests.imports_app.api.importing import staged

LIST = "/admin/imports_app/importoperation/"


@pytest.fixture
def running() -> ImportOperation:
    """Running import with an active worker."""
    now = timezone.now()
    operation = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES,
        is_valid=True,
        lease_owner="host:1:2",
        run_started_at=now - timedelta(seconds=10),
        heartbeat_at=now,
    )
    KindCount.objects.create(
        operation=operation, kind="message", staged=1000, imported=420
    )
    return operation


def live(browser: Client, operation: ImportOperation, etag: str = "") -> Any:
    """Poll as the script of the page does."""
    headers = {"If-None-Match": etag} if etag else {}
    return browser.get(f"{LIST}{operation.pk}/live/", headers=headers)


def test_the_page_contains_the_etag_of_its_content(
    importer_browser: Client, running: ImportOperation
) -> None:
    page = importer_browser.get(f"{LIST}{running.pk}/change/").content.decode()

    answer = live(importer_browser, running)

    assert f'data-etag="{answer.headers["ETag"].replace(chr(34), "&quot;")}"' in page
    assert live(importer_browser, running, answer.headers["ETag"]).status_code == 304


def test_returns_the_part_of_the_page_that_changes(
    importer_browser: Client, running: ImportOperation
) -> None:
    text = live(importer_browser, running).content.decode()

    assert text.strip().startswith('<div id="live"')
    for part in ("<html", "<script", "csrfmiddlewaretoken"):
        assert part not in text
    for part in ("420 of 1,000", "42%", 'data-title="42% · CSV | Import server"'):
        assert part in text


def test_every_write_changes_the_etag(
    importer_browser: Client, running: ImportOperation
) -> None:
    before = live(importer_browser, running).headers["ETag"]

    ImportOperation.objects.filter(pk=running.pk).change(checkpoint=5)

    answer = live(importer_browser, running, before)
    assert answer.status_code == 200
    assert answer.headers["ETag"] != before


def test_a_missing_heartbeat_changes_the_etag_without_a_write(
    importer_browser: Client, running: ImportOperation
) -> None:
    before = live(importer_browser, running).headers["ETag"]
    silent_since = timezone.now() - timedelta(seconds=61)
    ImportOperation.objects.filter(pk=running.pk).update(
        heartbeat_at=silent_since, status_since=silent_since
    )

    answer = live(importer_browser, running, before)

    assert answer.status_code == 200
    assert "Stalled" in answer.content.decode()


def test_another_viewer_has_another_etag(
    importer_browser: Client, admin_browser: Client, running: ImportOperation
) -> None:
    etag = live(importer_browser, running).headers["ETag"]

    assert live(admin_browser, running, etag).status_code == 200


@pytest.mark.parametrize(
    ("fields", "pace"),
    [
        ({"status": Status.IMPORTING_USERS}, "1000"),
        ({"status": Status.PREPARING_STARTED}, "1000"),
        ({"status": Status.USER_SELECTION}, "5000"),
        ({"status": Status.DONE}, "0"),
        ({"status": Status.IMPORTING_USERS, "is_valid": False}, "0"),
    ],
)
def test_sets_the_polling_interval_by_state(
    importer_browser: Client, fields: dict[str, Any], pace: str
) -> None:
    operation = ImportOperationFactory.create(**{"is_valid": True, **fields})

    assert f'data-pace="{pace}"' in live(importer_browser, operation).content.decode()


def test_announces_phases_and_every_ten_percent_only(
    importer_browser: Client, running: ImportOperation
) -> None:
    announcements = []
    for imported in (420, 421, 499, 500):
        running.kind_counts.update(imported=imported)
        text = live(importer_browser, running).content.decode()
        announcements.append(text.partition('data-said="')[2].partition('"')[0])

    assert announcements == [
        *["Importing messages: 40%"] * 3,
        "Importing messages: 50%",
    ]


def test_without_javascript_a_running_import_is_reloaded(
    importer_browser: Client, running: ImportOperation
) -> None:
    path = f"{LIST}{running.pk}/change/"
    refresh = '<noscript><meta http-equiv="refresh" content="2"></noscript>'

    answer = importer_browser.get(path)
    assert refresh in answer.content.decode()
    assert "Refresh" not in answer.headers

    ImportOperation.objects.update(status=Status.DONE)
    assert refresh not in importer_browser.get(path).content.decode()


def test_cancel_asks_for_confirmation_with_and_without_javascript(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = staged(importer_api)
    cancel = f"{LIST}{operation.pk}/cancel/"

    page = importer_browser.get(f"{LIST}{operation.pk}/change/").content.decode()

    dialog = page.partition('<dialog id="cancel-dialog"')[2].partition("</dialog>")[0]
    assert f'action="{cancel}"' in dialog
    assert "csrfmiddlewaretoken" in dialog
    assert f'href="{cancel}"' in page
    assert (
        "Records imported so far are kept"
        in importer_browser.get(cancel).content.decode()
    )
    operation.refresh_from_db()
    assert operation.is_valid


def test_requires_the_permission_to_view_operations(
    client: Client, admin_user: Any, running: ImportOperation
) -> None:
    assert live(client, running).status_code == 302
    admin_user.roles.set([RoleFactory.create(permissions=["access-permissions"])])
    client.force_login(admin_user)

    assert live(client, running).status_code == 403


def test_an_unknown_operation_is_not_found(importer_browser: Client) -> None:
    assert importer_browser.get(f"{LIST}99/live/").status_code == 404


def test_takes_one_query_more_than_the_session_if_nothing_changed(
    importer_browser: Client,
    running: ImportOperation,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    etag = live(importer_browser, running).headers["ETag"]

    # Session, user, permissions; the operation.
    with django_assert_num_queries(4):
        assert live(importer_browser, running, etag).status_code == 304

    # The same; the check report, counts by kind, workers, timeline, retries, previous
    # import.
    with django_assert_num_queries(10):
        assert live(importer_browser, running).status_code == 200
