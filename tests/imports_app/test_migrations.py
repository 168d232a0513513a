"""Upgrade to the engine that keeps messages in parts, during an import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from imports_app.selection.rules import EVERYTHING
from imports_app.services.runs import start_preparing, start_run
from imports_app.services.uploading.uploads import upload_file
from imports_app.statuses import Status
from imports_app.transitions import Actor
from tests.factories import UserFactory
from tests.migrating import migrate
from tests.working import work

BEFORE = ("imports_app", "0010_source_workspaces")
AFTER = ("imports_app", "0011_import_parts")

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture(autouse=True)
def _latest_afterwards() -> Iterator[None]:
    """Leave the database as other tests expect it."""
    yield
    migrate()


def upgraded(old_models: Any, status: str, *kinds: str) -> Any:
    """Upgrade an operation with staged records, one of each kind, and return it.

    The upgrade itself is undone afterwards, so that a test can use it again.
    """
    objects = {
        name: old_models.get_model("imports_app", name).objects
        for name in ("ImportOperation", "ImportRecord", "KindCount")
    }
    objects["ImportOperation"].all().delete()
    operation = objects["ImportOperation"].create(
        importer_key="csv", status=status, lease_owner="a:1:2"
    )
    for kind in kinds:
        objects["ImportRecord"].create(
            operation=operation, kind=kind, data={"text": "x"}
        )
        objects["KindCount"].create(
            operation=operation, kind=kind, staged=3, failed=1, skipped=1
        )
    new = migrate(AFTER).get_model("imports_app", "ImportOperation").objects
    found = new.prefetch_related("kind_counts", "events").get(pk=operation.pk)
    migrate(BEFORE)
    return found


def test_imports_are_upgraded() -> None:
    old_models = migrate(BEFORE)
    for status in (Status.USER_SELECTION, Status.IMPORTING_USERS):
        failed = upgraded(old_models, status, "user", "message")
        assert (failed.status, failed.error_code, failed.lease_owner) == (
            Status.FAILED,
            "importer-server-upgraded",
            "",
        )
        assert failed.error_message.startswith("The server was upgraded during")
        [event] = failed.events.all()
        assert (event.from_status, event.to_status) == (status, Status.FAILED)
        for count in failed.kind_counts.all():
            assert (count.failed, count.skipped) == (1, 2)

    waiting = upgraded(old_models, Status.USER_SELECTION, "user")
    assert waiting.status == Status.USER_SELECTION
    [count] = waiting.kind_counts.all()
    assert (count.unreadable, count.omitted) == (1, 1)

    for ended in (Status.DONE, Status.CANCELLED):
        assert upgraded(old_models, ended, "message").status == ended


def test_import_that_is_still_being_read_continues() -> None:
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
