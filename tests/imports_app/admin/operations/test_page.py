"""Page of an operation: state, guidance, progress and outcome."""

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

OVER = ("outcome", "progress")
"""Sections in the order of a finished import."""


def test_shows_importer_file_user_and_time(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create(file_size=2048, file_digest="f00")
    operation.file_name = f"2026924110000_{operation.user_id}_team.zip"
    operation.save()

    page = page_of(importer_browser, operation)

    for text in (
        *(
            "<h1>CSV: team.zip</h1>",
            f"by {operation.user}",
            "took less than a second",
            "Done",
        ),
        f"{operation.created_at:%Y-%m-%d %H:%M:%S} UTC",
        *(operation.public_id, operation.file_name, "f00", "importer_done"),
    ):
        assert text in page


@pytest.mark.parametrize("page", ["change", "cancel"])
def test_the_breadcrumb_is_the_file_name(importer_browser: Client, page: str) -> None:
    operation = ImportOperationFactory.create(status=Status.FILE_LOADED, is_valid=True)
    operation.file_name = f"2026924110000_{operation.user_id}_team.zip"
    operation.save()

    content = importer_browser.get(f"{LIST}{operation.pk}/{page}/").content.decode()

    link = content.partition(f'<a href="{LIST}{operation.pk}/change/"')[2]
    assert link.partition("</a>")[0].endswith(">team.zip")
    assert "| Import server</title>" in content


def test_a_finished_import_leads_with_the_outcome_and_folds_the_rest(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    waiting = page_of(importer_browser, staged(importer_api))
    assert 'id="check-report-details"' not in waiting

    page = page_of(importer_browser, imported(importer_api))

    outcome, progress = (page.index(f'id="live-{part}"') for part in OVER)
    assert outcome < progress < page.index('<details id="progress-details"')
    assert '<details id="check-report-details"' in page


@pytest.mark.parametrize(
    ("notes", "code", "meaning"),
    [
        ("guesses", "importer-delimiter", "Some values were guessed."),
        ("warnings", "importer-messages-unread", "the source has problems."),
    ],
)
def test_a_finished_import_with_something_to_check_shows_the_check_report(
    importer_api: ApiClient,
    importer_browser: Client,
    notes: str,
    code: str,
    meaning: str,
) -> None:
    operation = imported(importer_api)
    note = {"message": "Look at this.", "count": 1, "examples": []}
    operation.report = {notes: {code: note}}
    operation.save()
    operation.records.all().delete()  # also the failed ones

    page = page_of(importer_browser, operation)

    assert meaning in page
    assert "in the check report below" in page
    assert "No action needed" not in page
    assert 'id="check-report-details"' not in page


def test_a_running_import_leads_with_the_progress(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True, lease_owner="host:1:2"
    )
    KindCount.objects.create(operation=operation, kind="message", staged=9, imported=4)

    page = page_of(importer_browser, operation)

    outcome, progress = (page.index(f'id="live-{part}"') for part in OVER)
    assert progress < outcome
    assert "progress-details" not in page


@pytest.mark.parametrize("is_valid", [True, False])
@pytest.mark.parametrize("status", Status)
def test_every_state_has_a_meaning_and_advice(
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
        (Status.NEW, "Upload"),
        (Status.FILE_LOADED, "Read"),
        (Status.PREPARING_USERS, "Read"),
        (Status.USER_SELECTION, "Select"),
        (Status.IMPORTING_MESSAGES, "Import"),
    ],
)
def test_marks_the_current_step(
    importer_browser: Client, status: Status, step: str
) -> None:
    operation = ImportOperationFactory.create(status=status, is_valid=True)

    page = page_of(importer_browser, operation)

    current = page.partition('aria-current="step"')[2].partition("</li>")[0]
    assert f"{step} <" in current
    assert "current<" in current
    assert page.count("aria-current") == 1


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"importer_key": "pending-files"},
            "Finished: nothing to download (0 of 0).",
        ),
        ({}, "Finished: nothing to import (0 of 0 records)."),
    ],
)
def test_an_empty_import_is_finished(
    importer_browser: Client, fields: dict[str, Any], text: str
) -> None:
    operation = ImportOperationFactory.create(**fields)

    assert text in page_of(importer_browser, operation)


def test_shows_bars_speed_and_the_last_heartbeat(importer_browser: Client) -> None:
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
        *("2,000 of 8,000", "25%", "Time left (estimate)", ">2 s ago</time>"),
        'aria-valuenow="1000"',
    ):
        assert text in page
    assert re.search(r"Records per second</dt><dd>100<", page)


def test_a_stalled_import_explains_that_it_resumes(
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
    assert "The next worker resumes automatically." in page
    assert "Time left (estimate)" not in page


def test_shows_outcome_failures_and_created_items(
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
        "Finished with 1 failed record.",
        "outcome__exact=failed&amp;code=importer-message-unknown-user",
        f"/admin/imports_app/room/{room.pk}/conversation/",
        f"/admin/accounts/user/{user.pk}/change/",
        "1 message<",
    ):
        assert text in page
    for step in ("retry", "failures"):
        assert f"{LIST}{operation.pk}/{step}/" in page


def test_a_retry_and_its_parent_link_to_each_other(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    parent = imported(importer_api)
    child = ImportOperationFactory.create(parent=parent)

    assert f"{LIST}{child.pk}/change/" in page_of(importer_browser, parent)
    shown = page_of(importer_browser, child)
    assert f"{LIST}{parent.pk}/change/" in shown
    assert "Select" not in shown.partition("</ol>")[0]


def test_offers_pending_downloads_after_the_import(
    importer_browser: Client,
) -> None:
    operation = ImportOperationFactory.create(count_total=1, count_completed=1)
    KindCount.objects.create(operation=operation, kind="user", staged=1, imported=1)
    assert "fetch-pictures" not in page_of(importer_browser, operation)

    UserFactory.create(pending_avatar_url="https://example.org/a.png")

    assert f"{LIST}fetch-pictures/" in page_of(importer_browser, operation)


def test_the_timeline_shows_user_token_and_change(admin_browser: Client) -> None:
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
        *("Created", "Cancelled during: Uploading", "messages: 1,234"),
    ):
        assert text in page


def test_without_the_run_permission_it_names_the_permission(
    importer_api: ApiClient,
) -> None:
    operation = staged(importer_api)

    page = page_of(viewer_with(), operation)

    assert (
        "A user with the run-import permission can continue: Review and import" in page
    )
    assert f"{operation.pk}/select/" not in page
    assert f"{operation.pk}/cancel/" not in page


def test_rooms_and_users_have_no_links_without_the_view_permissions(
    importer_api: ApiClient,
) -> None:
    page = page_of(viewer_with(), imported(importer_api))

    assert "news" in page
    assert "/admin/imports_app/room/" not in page
    assert "/admin/accounts/user/" not in page


def test_shows_an_import_of_a_deleted_user(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create(status=Status.FAILED)
    User.objects.filter(public_id=operation.user_id).delete()

    page = page_of(importer_browser, operation)

    assert f"{operation.user_id} (deleted user)" in page


def test_says_that_failed_records_are_no_longer_stored(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = imported(importer_api)
    ImportRecord.objects.filter(operation=operation).delete()

    page = page_of(importer_browser, operation)

    assert "The failed records are no longer stored" in page
    assert f"{operation.pk}/retry/" not in page


@pytest.mark.parametrize("rows", [2, 20])
def test_the_number_of_queries_does_not_grow_with_the_import(
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

    # Session, user, permissions; the operation and its check report; counts by kind;
    # timeline; failures by code, their examples, the newest one; pending files and
    # avatars; retries; rooms and users with their records; previous import.
    with django_assert_num_queries(18):
        page_of(admin_browser, operation)
