"""Admin of import operations: access and deletion."""

from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import User
from imports_app.models import ImportOperation, ImportRecord, Message
from imports_app.statuses import Status
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory
from tests.imports_app.api.importing import imported

LIST = "/admin/imports_app/importoperation/"


def test_an_unknown_operation_redirects_with_a_message(
    importer_browser: Client,
) -> None:
    answer = importer_browser.get(f"{LIST}99/change/", follow=True)

    assert "Perhaps it was deleted?" in answer.content.decode()


def test_shows_operations_of_a_deleted_user(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create(status=Status.FAILED)
    User.objects.filter(public_id=operation.user_id).delete()

    for path in (LIST, "/admin/"):
        page = importer_browser.get(path).content.decode()
        assert f"{operation.user_id} (deleted user)" in page


def test_deletion_requires_the_permission(
    admin_browser: Client, importer_browser: Client
) -> None:
    one, other = ImportOperationFactory.create_batch(2)
    form = {"action": "delete_selected", "_selected_action": [one.pk], "post": "yes"}
    path = f"{LIST}{other.pk}/delete/"

    importer_browser.post(LIST, form)
    assert importer_browser.post(path, {"post": "yes"}).status_code == 403
    assert ImportOperation.objects.count() == 2

    admin_browser.post(LIST, form)
    admin_browser.post(path, {"post": "yes"})
    assert not ImportOperation.objects.exists()
    assert LogEntry.objects.count() == 2


def test_records_are_deleted_with_the_operation(
    importer_api: ApiClient, admin_browser: Client
) -> None:
    operation = imported(importer_api)
    path = f"{LIST}{operation.pk}/delete/"

    page = admin_browser.get(path).content.decode()
    assert f"Records: {operation.records.count()}" in page
    admin_browser.post(path, {"post": "yes"})

    assert not ImportOperation.objects.exists()
    assert not ImportRecord.objects.exists()
    assert Message.objects.exists()


def test_cannot_be_added_or_changed(admin_browser: Client) -> None:
    operation = ImportOperationFactory.create()

    assert admin_browser.get(f"{LIST}add/").status_code == 403
    path = f"{LIST}{operation.pk}/change/"
    assert admin_browser.post(path, {"status": "importer_new"}).status_code == 403


def test_a_running_operation_cannot_be_deleted(admin_browser: Client) -> None:
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True
    )
    ended = ImportOperationFactory.create()
    chosen = {"action": "delete_selected", "_selected_action": [running.pk, ended.pk]}

    for path, form in (
        (f"{LIST}{running.pk}/delete/", {"post": "yes"}),
        (LIST, {**chosen, "post": "yes"}),
    ):
        assert admin_browser.post(path, form).status_code == 403

    assert ImportOperation.objects.count() == 2
