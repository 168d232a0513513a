"""Killed workers during downloads: every file is stored exactly once."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from accounts.models import User
from config.files.stored_files import imported_files
from imports_app.importers.pending import PendingFilesImporter
from imports_app.models import FileState, MessageFile, Room
from imports_app.services.downloads import start_pending
from imports_app.transitions import Actor
from tests.factories import RoomFactory, UserFactory
from tests.faults.killing import Killer
from tests.faults.snapshots import assert_outcomes_sum, wipe
from tests.faults.workers import forking_workers
from tests.web import misbehaving

FILES = 1_000
DOWNLOAD_SECONDS = 10
SENT = datetime(2020, 9, 13, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def initiator() -> User:
    initiator: User = UserFactory.create(roles=["admin"])
    return initiator


def test_killed_downloads_resume(
    initiator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOWNLOAD_ALLOWED_HOSTS", "127.0.0.1")
    room: Room = RoomFactory.create()
    with misbehaving() as web:
        MessageFile.objects.bulk_create(
            MessageFile(
                room=room,
                message_import_id=f"m-{number}",
                source_id=f"F{number}",
                name="a.txt",
                url=web.url(f"ok/{number}" if number % 100 else "status/404"),
                sent_at=SENT,
            )
            for number in range(FILES)
        )
        operation, count = start_pending(
            importer=PendingFilesImporter, actor=Actor(initiator)
        )
        assert count == FILES

        random = Random(4)  # noqa: S311 - moments
        with forking_workers() as fork:
            killer = Killer(fork, operation, random)
            kills = killer.kill_until("importer_done", DOWNLOAD_SECONDS)

    assert kills > 0
    assert_outcomes_sum(operation)
    assert (operation.count_completed, operation.count_error) == (
        FILES * 99 // 100,
        FILES // 100,
    )
    stored = list(MessageFile.objects.filter(state=FileState.STORED))
    assert len({file.stored_name for file in stored}) == len(stored)
    for file in stored:
        with imported_files().open(file.stored_name) as stream:
            assert stream.read() == file.source_id.removeprefix("F").encode()
    gone = web.asked.pop("status/404")
    assert FILES // 100 <= gone <= FILES // 100 * (kills + 1)
    assert len(web.asked) == len(stored)
    assert max(web.asked.values()) <= kills + 1
    MessageFile.objects.all().delete()
    wipe(initiator)
