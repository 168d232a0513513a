"""Pages of failed, cancelled and replaced imports give the reason."""

from __future__ import annotations

from django.test import Client
from django.utils.html import escape

from accounts.models import User
from imports_app.error_catalog import EXPLANATIONS
from imports_app.models import ImportOperation, KindCount
from imports_app.services.operations import cancel_operation, create_operation
from imports_app.statuses import Status
from imports_app.transitions import CANCELLED, Actor, fail_operation
from tests.factories import (
    ImportOperationFactory,
    KindCountFactory,
)
from tests.imports_app.admin.operations.pages import LIST, page_of


def test_a_failed_import_shows_the_step_and_the_reason(
    importer_browser: Client,
) -> None:
    operation = ImportOperationFactory.create(
        status=Status.PREPARING_USERS, is_valid=True
    )
    fail_operation(
        operation=operation,
        code="importer-internal-error",
        message="Something went wrong. See reference Xy7kPq2w in the log.",
        actor=Actor(),
    )

    page = page_of(importer_browser, operation)

    explained = EXPLANATIONS["importer-internal-error"]
    for text in (explained.title, explained.hint):
        assert escape(str(text)) in page
    assert "See reference Xy7kPq2w in the log." in page
    stopped = page.partition('aria-current="step"')[2].partition("</li>")[0]
    assert "Read" in stopped
    assert "stopped here" in stopped


def test_a_cancelled_import_shows_who_cancelled_it_and_what_is_kept(
    importer_browser: Client, importer_user: User
) -> None:
    operation = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True
    )
    KindCount.objects.create(
        operation=operation, kind="message", staged=100, imported=40
    )
    cancel_operation(operation=operation, actor=Actor(importer_user))

    page = page_of(importer_browser, operation)

    for text in (
        "Cancelled",
        "Records imported so far are kept.",
        "40 of 100 imported",
        f"By {importer_user}",
        "during: Importing messages.",
    ):
        assert text in page
    assert "Replaced" not in page


def test_a_replaced_import_links_to_the_newer_one(
    importer_browser: Client, importer_user: User
) -> None:
    first = ImportOperationFactory.create(status=Status.USER_SELECTION, is_valid=True)
    later = create_operation(
        actor=Actor(importer_user), importer_key="slack", importer_name="Slack"
    )

    page = page_of(importer_browser, first)

    assert "Replaced during: Waiting for review" in page
    assert f"{LIST}{later.pk}/change/" in page
    assert "Cancelled" not in page


def test_an_inactive_import_without_a_code_shows_both_possible_reasons(
    importer_browser: Client,
) -> None:
    operation = ImportOperationFactory.create(status=Status.USER_SELECTION)

    page = page_of(importer_browser, operation)

    assert "Cancelled, or replaced by a newer import." in page
    assert "Replaced" in page
    assert "Review and import" not in page


def test_records_that_a_cancelled_run_did_not_reach_are_not_called_skipped(
    importer_browser: Client,
) -> None:
    operation = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, error_code=CANCELLED.code
    )
    KindCountFactory.create(
        operation=operation, staged=9, imported=2, skipped=3, unprocessed=4
    )

    assert "Not processed" in page_of(importer_browser, operation)
    listed = importer_browser.get(LIST).content.decode()
    assert "2 imported, 3 skipped, 4 not processed" in listed

    ImportOperation.objects.filter(pk=operation.pk).update(status=Status.DONE)
    assert "Not processed" not in page_of(importer_browser, operation)
