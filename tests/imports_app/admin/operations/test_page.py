"""An operation's page: what its state means, what to do, and what came of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from imports_app.error_catalog import EXPLANATIONS
from imports_app.models import ImportRecord, KindCount, Room
from imports_app.statuses import Status
from tests.conftest import ApiClient
from tests.factories import (
    AuthTokenFactory,
    ImportOperationFactory,
    OperationEventFactory,
    UserFactory,
)
from tests.imports_app.admin.operations.pages import LIST, page_of, viewer_with
from tests.imports_app.api.importing import imported, staged


def test_shows_what_it_is_and_who_started_it_when(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create(file_size=2048, file_digest="f00")
    operation.file_name = f"2026924110000_{operation.user_id}_team.zip"
    operation.save()

    page = page_of(importer_browser, operation)

    for text in (
        *("<h1>CSV: team.zip</h1>", f"by {operation.user}", "took 0 s", "Done"),
        f"{operation.created_at:%Y-%m-%d %H:%M:%S} UTC",
        *(operation.public_id, operation.file_name, "f00", "importer_done"),
    ):
        assert text in page


@pytest.mark.parametrize("is_valid", [True, False])
@pytest.mark.parametrize("status", Status)
def test_says_what_each_state_means_and_what_to_do(
    importer_browser: Client, status: Status, is_valid: bool
) -> None:
    operation = ImportOperationFactory.create(
        status=status, is_valid=is_valid, updated_at=timezone.now()
    )

    page = page_of(importer_browser, operation)

    meaning = page.partition('class="help-meaning">')[2].partition("</p>")[0]
    advice = page.partition('class="help-meaning">')[2].partition("<p>")[2]
    assert len(meaning) > 20
    assert len(advice.partition("</p>")[0]) > 15
    is_over = not is_valid or status in {Status.FAILED, Status.CANCELLED}
    if status != Status.DONE:
        assert ("/cancel/" in page) is not is_over
        assert ("New import" in page) is (is_over or status == Status.NEW)


@pytest.mark.parametrize(
    ("status", "step"),
    [
        (Status.NEW, "File"),
        (Status.FILE_LOADED, "Read"),
        (Status.PREPARING_USERS, "Read"),
        (Status.USER_SELECTION, "Select"),
        (Status.IMPORTING_MESSAGES, "Import"),
    ],
)
def test_names_the_present_step(
    importer_browser: Client, status: Status, step: str
) -> None:
    operation = ImportOperationFactory.create(status=status, is_valid=True)

    page = page_of(importer_browser, operation)

    current = page.partition('aria-current="step"')[2].partition("</li>")[0]
    assert f"{step} <" in current
    assert "now" in current
    assert page.count("aria-current") == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"importer_key": "pending-files"},
            "There was nothing to fetch, or nothing was counted: 0 of 0.",
        ),
        ({}, "nothing to import: 0 of 0 records"),
    ],
)
def test_nothing_of_nothing_is_done(
    importer_browser: Client, fields: dict[str, Any], told: str
) -> None:
    operation = ImportOperationFactory.create(**fields)

    assert told in page_of(importer_browser, operation)


def test_shows_bars_speed_and_the_last_sign_of_life(importer_browser: Client) -> None:
    now = timezone.now()
    operation = ImportOperationFactory.create(
        status=Status.IMPORTING_CHANNELS,
        is_valid=True,
        lease_owner="host:1:2",
        run_started_at=now - timedelta(seconds=22),
        heartbeat_at=now - timedelta(seconds=2),
    )
    for kind, staged_now, in_by_now, failed in (
        ("user", 1000, 990, 10),
        ("channel", 2000, 1000, 0),
        ("message", 5000, 0, 0),
    ):
        KindCount.objects.create(
            operation=operation,
            kind=kind,
            staged=staged_now,
            imported=in_by_now,
            failed=failed,
        )

    page = page_of(importer_browser, operation)

    for text in (
        *("done, 1,000 of 1,000", "1,000 of 2,000", "waiting, 5,000 found"),
        *("2,000 of 8,000", "25 %", "Done in about", ">2 s ago</time>"),
        'aria-valuenow="1000"',
    ):
        assert text in page
    assert re.search(r"Records per second</dt><dd>100<", page)


def test_says_that_it_is_stalled_and_goes_on_by_itself(
    importer_browser: Client,
) -> None:
    long_ago = timezone.now() - timedelta(minutes=3)
    operation = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES,
        is_valid=True,
        lease_owner="host:1:2",
        heartbeat_at=long_ago,
    )

    page = page_of(importer_browser, operation)

    assert "Stalled" in page
    assert "goes on where the last one stopped" in page
    assert "Done in about" not in page


def test_says_what_came_in_what_failed_and_what_it_became(
    importer_api: ApiClient, admin_browser: Client
) -> None:
    operation = imported(importer_api)
    room = Room.objects.get(name="news")
    user = User.objects.get(username="ann")

    page = page_of(admin_browser, operation)

    explained = EXPLANATIONS["importer-message-unknown-user"]
    for text in (explained.title, explained.meaning, explained.hint):
        assert escape(str(text)) in page
    for text in (
        *("importer-message-unknown-user", "news/1.csv:2"),
        "Every record was tried, and 1 failed.",
        "outcome__exact=failed&amp;code=importer-message-unknown-user",
        f"/admin/imports_app/room/{room.pk}/conversation/",
        f"/admin/accounts/user/{user.pk}/change/",
        "1 message<",
    ):
        assert text in page
    for step in ("retry", "failures"):
        assert f"{LIST}{operation.pk}/{step}/" in page


def test_a_retry_and_its_parent_lead_to_each_other(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    parent = imported(importer_api)
    child = ImportOperationFactory.create(parent=parent)

    assert f"{LIST}{child.pk}/change/" in page_of(importer_browser, parent)
    shown = page_of(importer_browser, child)
    assert f"{LIST}{parent.pk}/change/" in shown
    assert "Select" not in shown.partition("</ol>")[0]


def test_offers_to_fetch_files_once_messages_with_files_are_in(
    importer_browser: Client,
) -> None:
    operation = ImportOperationFactory.create(count_total=1, count_completed=1)
    KindCount.objects.create(operation=operation, kind="user", staged=1, imported=1)
    assert "fetch-pictures" not in page_of(importer_browser, operation)

    UserFactory.create(pending_avatar_url="https://example.org/a.png")

    assert f"{LIST}fetch-pictures/" in page_of(importer_browser, operation)


def test_shows_who_did_what_when_by_which_token(admin_browser: Client) -> None:
    operation = ImportOperationFactory.create()
    token = AuthTokenFactory.create(user=operation.user)
    OperationEventFactory.create(operation=operation, token=token)
    for before, after, is_valid in (
        (Status.NEW, Status.UPLOADING, True),
        (Status.UPLOADING, Status.UPLOADING, False),
    ):
        OperationEventFactory.create(
            operation=operation,
            actor=None,
            from_status=before,
            to_status=after,
            is_valid=is_valid,
            counters={"messages": 1234},
        )

    page = page_of(admin_browser, operation)

    for text in (
        *(f"{operation.user}, token {token}", "the server", "New → Uploading"),
        *("Created", "Ended, stays at: Uploading", "messages: 1,234"),
    ):
        assert text in page


def test_without_the_permission_to_run_imports_it_says_who_can(
    importer_api: ApiClient,
) -> None:
    operation = staged(importer_api)

    page = page_of(viewer_with(), operation)

    assert "Somebody who may run imports can do it: Review and import" in page
    assert f"{operation.pk}/select/" not in page
    assert f"{operation.pk}/cancel/" not in page


def test_rooms_and_users_are_named_without_links_to_those_who_may_not_see_them(
    importer_api: ApiClient,
) -> None:
    page = page_of(viewer_with(), imported(importer_api))

    assert "news" in page
    assert "/admin/imports_app/room/" not in page
    assert "/admin/accounts/user/" not in page


def test_shows_an_import_whose_starter_is_gone(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create(status=Status.FAILED)
    User.objects.filter(public_id=operation.user_id).delete()

    page = page_of(importer_browser, operation)

    assert f"{operation.user_id} (account deleted)" in page


def test_says_when_failed_records_are_not_kept_any_more(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = imported(importer_api)
    ImportRecord.objects.filter(operation=operation).delete()

    page = page_of(importer_browser, operation)

    assert "The failed records are not kept any more" in page
    assert f"{operation.pk}/retry/" not in page


@pytest.mark.parametrize("rows", [2, 20])
def test_the_page_takes_as_many_queries_for_a_large_import(
    admin_browser: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
) -> None:
    operation = ImportOperationFactory.create()
    OperationEventFactory.create_batch(
        rows, operation=operation, token=AuthTokenFactory.create()
    )
    for kind in ("user", "channel"):
        KindCount.objects.create(
            operation=operation, kind=kind, staged=2 * rows, imported=rows, failed=rows
        )
    for number in range(rows):
        user = UserFactory.create()
        room = Room.objects.create(type="c", name=f"room {number}")
        for kind, target in (("user", user), ("channel", room)):
            outcome = {"outcome": "imported", "target_id": target.pk}
            ImportRecord.objects.create(
                operation=operation, kind=kind, data={}, **outcome
            )
            ImportRecord.objects.create(
                operation=operation, kind=kind, data={}, outcome="failed", code=number
            )

    # Session, user, permissions; the operation, and its report; outcomes by kind; the
    # timeline; failures by code, their examples, the last one; files and pictures
    # that are wanted; retries; rooms and users with their records; what it can be
    # compared with.
    with django_assert_num_queries(18):
        page_of(admin_browser, operation)
