"""Killed workers during imports into Mattermost."""

from __future__ import annotations

import os
import signal

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from accounts.models import User
from imports_app.engine.mattermost import sending
from imports_app.engine.mattermost.lease import MattermostLease
from imports_app.models import MattermostImport, WorkspaceExport
from tests.factories import UserFactory
from tests.fakes.mattermost import FakeMattermost, serving_mattermost
from tests.faults.snapshots import wipe
from tests.imports_app.engine.mattermost.test_jobs import (
    content_of,
    exported,
    mattermost_of,
    start,
    take_turns,
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_kills_at_every_call_lose_and_double_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker is killed at each call: before its effect, or before the answer."""
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(sending, "_CHUNK", 700)
    starter: User = UserFactory.create(roles=["admin"])
    export = exported(starter)
    calls = len(_sent_after_kill(export, None, is_lost=False).calls)

    for number in range(1, calls + 1):
        for is_lost in (False, True):
            _sent_after_kill(export, number, is_lost=is_lost)

    assert calls > 8
    WorkspaceExport.objects.all().delete()
    wipe(starter)


def _sent_after_kill(
    export: WorkspaceExport, number: int | None, *, is_lost: bool
) -> FakeMattermost:
    """Send with a kill at a call, check the result, and forget the import."""
    killed: list[int] = []
    with serving_mattermost(FakeMattermost()) as fake:
        server = mattermost_of(fake)
        job = start(export, server)
        connection.close()
        pid = _forked(job)

        def kill(_call: str) -> None:
            if len(fake.calls) == number and not killed:
                killed.append(pid)
                os.kill(pid, signal.SIGKILL)
                if is_lost:
                    raise ConnectionAbortedError

        fake.before_call = kill
        os.waitpid(pid, 0)
        if killed:
            job.refresh_from_db()
            assert job.is_active
            MattermostImport.objects.update(due_at=None)
            assert MattermostLease.release_due() == [job]
        take_turns(job)
    case = (number, is_lost, fake.calls, job.error)
    assert job.state == "completed", case
    assert bool(killed) == (number is not None), case
    assert list(fake.archives.values()) == [content_of(export)], case
    assert len(fake.jobs) == len(fake.imported) == 1, case
    DBTaskResult.objects.all().delete()
    job.delete()
    server.delete()
    return fake


def _forked(job: MattermostImport) -> int:
    """Send in another process, and return its ID."""
    pid = os.fork()
    if pid == 0:
        try:
            take_turns(job)
        finally:
            os._exit(0)
    return pid
