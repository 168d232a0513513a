"""Killed workers during exports: the next one writes the same archives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from imports_app.engine.exports.archives import folder_of
from imports_app.models import Message, Room, WorkspaceExport
from imports_app.services.outgoing.exports import ExportSettings, start_export
from imports_app.transitions import Actor
from tests.factories import UserFactory
from tests.faults.snapshots import wipe
from tests.faults.workers import environment, forking_workers
from tests.imports_app.exporters.test_slack_round_trip import export as command
from tests.live import wait_for
from tests.workspace import room_of

MESSAGES = 40_000
START = datetime(2020, 9, 13, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_a_killed_export_begins_again(tmp_path: Path, settings: Settings) -> None:
    settings.SECRET_KEY = environment()["SECRET_KEY"]
    starter: User = UserFactory.create(roles=["admin"])
    room = room_of(starter)
    Message.objects.bulk_create(
        Message(
            room=room,
            import_id=f"m-{number}",
            author=starter,
            sent_at=START + timedelta(minutes=number),
            text=f"message {number}",
        )
        for number in range(MESSAGES)
    )
    Room.objects.update(message_count=MESSAGES)
    export = start_export(
        wanted=ExportSettings(file_format="slack"), actor=Actor(starter)
    )

    def has_begun() -> bool:
        export.refresh_from_db()
        return export.done > 0

    def has_ended() -> bool:
        export.refresh_from_db()
        return not export.is_active

    with forking_workers() as fork:
        first = fork()
        wait_for(has_begun)
        first.kill()
        export.refresh_from_db()
        assert export.state == "running"
        second = fork()
        wait_for(has_ended)
        second.kill()

    assert (export.state, export.attempt) == ("completed", 2)
    folder = folder_of(export.public_id, 2)
    assert [path.name for path in (Path(settings.DATA_DIR) / "exports").iterdir()] == [
        folder.name
    ]
    command(tmp_path / "out")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()
    }
    WorkspaceExport.objects.all().delete()
    wipe(starter)
