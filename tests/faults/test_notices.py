"""Notices survive the end of a worker at any point."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings

from imports_app.models import NoticeDelivery
from imports_app.statuses import Status
from imports_app.transitions import SERVER, move_operation
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.factories import ImportOperationFactory, UserFactory, WebhookFactory
from tests.faults.workers import start_everything, upload, wait_until, worker
from tests.live import DEADLINE_SECONDS, wait_for
from tests.receivers import receiving


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_worker_killed_between_sending_and_storing_sends_again() -> None:
    """The receiver kills the worker before it answers."""
    workers: list[subprocess.Popen[bytes]] = []
    with receiving() as receiver, ExitStack() as stack:

        def kill_the_first() -> None:
            if len(receiver.posted) == 1:
                os.kill(workers[0].pid, signal.SIGKILL)
                workers[0].wait()

        receiver.before_answer = kill_the_first
        extra = {
            "WEBHOOK_ALLOWED_HOSTS": receiver.host,
            "TOTP_ENCRYPTION_KEY": settings.TOTP_ENCRYPTION_KEY,
        }
        WebhookFactory.create(url=receiver.url)
        operation = ImportOperationFactory.create(
            status=Status.IMPORTING_MESSAGES, is_valid=True
        )
        move_operation(operation=operation, to=Status.DONE, actor=SERVER)

        workers.append(stack.enter_context(worker(**extra)))
        wait_for(lambda: workers[0].poll() is not None)
        assert NoticeDelivery.objects.get().state == "pending"
        workers.append(stack.enter_context(worker(**extra)))
        wait_for(lambda: NoticeDelivery.objects.get().state == "delivered")

    notice = operation.notices.get()
    sent = [posted.headers["webhook-id"] for posted in receiver.posted]
    assert sent == [notice.public_id] * 2
    assert receiver.posted[0].body == receiver.posted[1].body
    delivery = NoticeDelivery.objects.get()
    assert (delivery.attempts, delivery.claimed_by) == (2, "")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_receiver_that_never_answers_does_not_delay_an_import(tmp_path: Path) -> None:
    """The import ends while the receiver still holds the first request."""
    over = threading.Event()
    initiator = UserFactory.create(roles=["admin"])
    path = tmp_path / "team.zip"
    write_csv_archive(path, Plan(users=20, messages=200), seed=1)
    with receiving() as receiver:

        def hold() -> None:
            over.wait(DEADLINE_SECONDS)

        receiver.before_answer = hold
        WebhookFactory.create(url=receiver.url)
        try:
            with worker(
                WEBHOOK_ALLOWED_HOSTS=receiver.host,
                TOTP_ENCRYPTION_KEY=settings.TOTP_ENCRYPTION_KEY,
            ):
                operation = upload(path, initiator)
                wait_until(operation, "importer_user_selection")
                wait_for(lambda: len(receiver.posted) == 1)
                start_everything(operation, initiator)
                wait_until(operation, "importer_done")
                assert len(receiver.posted) == 1
        finally:
            over.set()

    assert operation.notices.count() == 2
