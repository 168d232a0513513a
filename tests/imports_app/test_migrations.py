"""Upgrade to the engine that keeps messages in parts, during an import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from imports_app.models import ImportOperation, OperationEvent
from imports_app.selection.rules import EVERYTHING
from imports_app.services.runs import start_preparing, start_run
from imports_app.services.uploading.uploads import upload_file
from imports_app.statuses import Status
from imports_app.transitions import Actor
from tests.factories import UserFactory
from tests.migrating import migrate
from tests.working import work

BEFORE = ("imports_app", "0010_source_workspaces")

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def old_models() -> Iterator[Any]:
    """The models of the release before."""
    yield migrate(BEFORE)
    migrate()


def staged(old_models: Any, status: str, *kinds: str, **fields: Any) -> int:
    """Return the key of an operation with staged records, one of each kind."""
    operations = old_models.get_model("imports_app", "ImportOperation").objects
    records = old_models.get_model("imports_app", "ImportRecord").objects
    counts = old_models.get_model("imports_app", "KindCount").objects
    operation = operations.create(importer_key="csv", status=status, **fields)
    for kind in kinds:
        records.create(operation=operation, kind=kind, data={"text": "x"})
        counts.create(operation=operation, kind=kind, staged=3, failed=1, skipped=1)
    return int(operation.pk)


@pytest.mark.parametrize("status", [Status.USER_SELECTION, Status.IMPORTING_USERS])
def test_import_with_staged_messages_fails_with_a_reason(
    old_models: Any, status: Status
) -> None:
    pk = staged(old_models, status, "user", "message", lease_owner="a:1:2")

    migrate()

    operation = ImportOperation.objects.get(pk=pk)
    assert (operation.status, operation.error_code) == (
        Status.FAILED,
        "importer-server-upgraded",
    )
    assert operation.error_message.startswith("The server was upgraded during")
    assert operation.lease_owner == ""
    event = OperationEvent.objects.get(operation=pk)
    assert (event.from_status, event.to_status) == (status, Status.FAILED)
    for count in operation.kind_counts.all():
        assert (count.failed, count.skipped + count.unprocessed) == (1, 2)


def test_waiting_import_without_messages_can_be_run(old_models: Any) -> None:
    pk = staged(old_models, Status.USER_SELECTION, "user")

    migrate()

    operation = ImportOperation.objects.get(pk=pk)
    assert operation.status == Status.USER_SELECTION
    count = operation.kind_counts.get()
    assert (count.unreadable, count.omitted) == (1, 1)


@pytest.mark.parametrize("status", [Status.DONE, Status.CANCELLED])
def test_ended_imports_are_kept(old_models: Any, status: Status) -> None:
    pk = staged(old_models, status, "message")

    migrate()

    assert ImportOperation.objects.get(pk=pk).status == status


def test_import_that_is_still_being_read_continues(old_models: Any) -> None:
    migrate()
    starter: User = UserFactory.create(roles=["admin"])
    operation = upload_file(
        actor=Actor(starter),
        importer_key="csv",
        file_name="users.csv",
        content_type="",
        content=[b"ann,ann@example.org,\nbo,bo@example.org,\n"],
        limit=1_000,
    )
    start_preparing(operation=operation, actor=Actor(starter))
    migrate(BEFORE)

    migrate()

    work()
    operation.refresh_from_db()
    start_run(operation=operation, selection=EVERYTHING, actor=Actor(starter))
    work()
    operation.refresh_from_db()
    assert operation.status == Status.DONE
    assert operation.count_completed == 2
