"""An operation that ended before it was done says why."""

from __future__ import annotations

from django.test import Client
from django.utils.html import escape

from accounts.models import User
from imports_app.error_catalog import EXPLANATIONS
from imports_app.models import KindCount
from imports_app.services.operations import cancel_operation, create_operation
from imports_app.statuses import Status
from imports_app.transitions import Actor, fail_operation
from tests.factories import (
    ImportOperationFactory,
)
from tests.imports_app.admin.operations.pages import LIST, page_of


def test_a_failed_import_says_where_it_failed_and_why(
    importer_browser: Client,
) -> None:
    operation = ImportOperationFactory.create(
        status=Status.PREPARING_USERS, is_valid=True
    )
    fail_operation(
        operation=operation,
        code="importer-internal-error",
        message="The server made a mistake. Look into the log for Xy7kPq2w.",
        actor=Actor(),
    )

    page = page_of(importer_browser, operation)

    explained = EXPLANATIONS["importer-internal-error"]
    for text in (explained.title, explained.hint):
        assert escape(str(text)) in page
    assert "Look into the log for Xy7kPq2w." in page
    stopped = page.partition('aria-current="step"')[2].partition("</li>")[0]
    assert "Read" in stopped
    assert "ended here" in stopped


def test_a_cancelled_import_says_by_whom_and_that_what_came_in_stays(
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
        *("Cancelled", "What came in by then stays.", "40 of 100 came in"),
        f"Ended by {importer_user}",
        "at: Importing messages.",
    ):
        assert text in page
    assert "Replaced" not in page


def test_a_replaced_import_leads_to_the_later_one(
    importer_browser: Client, importer_user: User
) -> None:
    first = ImportOperationFactory.create(status=Status.USER_SELECTION, is_valid=True)
    later = create_operation(
        actor=Actor(importer_user), importer_key="slack", importer_name="Slack"
    )

    page = page_of(importer_browser, first)

    assert "Replaced" in page
    assert f"{LIST}{later.pk}/change/" in page
    assert "Cancelled" not in page


def test_an_import_that_ended_for_an_unknown_reason_does_not_pretend_to_know(
    importer_browser: Client,
) -> None:
    operation = ImportOperationFactory.create(status=Status.USER_SELECTION)

    page = page_of(importer_browser, operation)

    assert escape("It can't be used any more") in page
    assert "Ended" in page
    assert "Review and import" not in page
