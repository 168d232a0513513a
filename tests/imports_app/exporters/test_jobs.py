"""Exports by a worker: progress, cancellation, recovery, failures, and their end."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import ActivityEntry, User
from imports_app.engine.exports import workspace
from imports_app.engine.exports.archives import folder_of, read_archive
from imports_app.engine.exports.jobs import run_export
from imports_app.engine.exports.lease import (
    ExportLease,
    release_expired_export_leases,
)
from imports_app.engine.exports.selection import KeyRanges, Selection
from imports_app.engine.retries import stopping
from imports_app.exporters.base import ExportRefusedError, FileMode
from imports_app.exporters.parts import Limits
from imports_app.models import ExportState, Room, WorkspaceExport
from imports_app.services.outgoing.exports import (
    ExportEndedError,
    ExportForbiddenError,
    ExportSettings,
    TooManyExportsError,
    cancel_export,
    delete_export,
    prune_exports,
    start_export,
)
from imports_app.transitions import SERVER, Actor
from tests.imports_app.exporters.test_slack_round_trip import export as command
from tests.working import work
from tests.workspace import room_of, say

pytestmark = pytest.mark.django_db
SLACK = ExportSettings(file_format="slack")


@pytest.fixture
def room(admin_user: User, monkeypatch: pytest.MonkeyPatch) -> Room:
    """A room with messages, which are read in two pages."""
    monkeypatch.setattr(workspace, "_PAGE", 2)
    room = room_of(admin_user)
    say(room, admin_user, "one", "two", "three")
    return room


def start(user: User, wanted: ExportSettings = SLACK) -> WorkspaceExport:
    return start_export(wanted=wanted, actor=Actor(user))


def folders(export: WorkspaceExport) -> list[str]:
    """Return the names of the folders of all exports."""
    root = folder_of(export.public_id, 1).parent
    return sorted(path.name for path in root.iterdir()) if root.exists() else []


def test_a_worker_writes_what_the_command_writes(
    admin_user: User, room: Room, tmp_path: Path
) -> None:
    export = start(admin_user)
    assert (export.state, folders(export)) == ("waiting", [])

    assert work() == 1

    export.refresh_from_db()
    assert export.state == ExportState.COMPLETED
    assert (export.done, export.total, export.attempt) == (3, 3, 1)
    command(tmp_path / "out")
    manifest = export.manifest
    assert manifest is not None
    assert [one["file"] for one in manifest["archives"]] == ["part-001.zip"]
    for path in (tmp_path / "out").iterdir():
        assert b"".join(read_archive(export, path.name)) == path.read_bytes()
    assert export.size == (tmp_path / "out" / "part-001.zip").stat().st_size
    logged = ActivityEntry.objects.filter(name__contains=export.public_id)
    assert set(logged.values_list("action", flat=True)) == {"started", "exported"}


def test_cancelled_within_a_page(admin_user: User, room: Room) -> None:
    export = start(admin_user)
    pages: list[int] = []

    def cancel() -> None:
        pages.append(1)
        cancel_export(export=export, actor=Actor(admin_user))

    run_export(export.pk, cancel)

    export.refresh_from_db()
    assert (export.state, len(pages), folders(export)) == ("cancelled", 1, [])
    with pytest.raises(ExportEndedError):
        cancel_export(export=export, actor=Actor(admin_user))
    run_export(export.pk)
    export.refresh_from_db()
    assert export.state == "cancelled"


def test_a_frozen_worker_does_not_disturb_the_next(
    admin_user: User, room: Room
) -> None:
    export = start(admin_user)
    overtaken: list[int] = []

    def freeze() -> None:
        """Let the lease expire and another worker write the export."""
        if overtaken:
            return
        overtaken.append(1)
        WorkspaceExport.objects.update(lease_expires_at=timezone.now(), lease_owner="x")
        [found] = release_expired_export_leases()
        assert release_expired_export_leases() == []
        run_export(found.pk)

    run_export(export.pk, freeze)

    export.refresh_from_db()
    assert (export.state, export.attempt) == ("completed", 2)
    assert folders(export) == [f"{export.public_id}-2"]


def test_a_stopped_worker_lets_the_next_begin_again(
    admin_user: User, room: Room
) -> None:
    export = start(admin_user)
    try:
        run_export(export.pk, stopping.set)
    finally:
        stopping.clear()
    export.refresh_from_db()
    assert (export.state, folders(export)) == ("waiting", [])

    assert [one.pk for one in release_expired_export_leases()] == [export.pk]
    run_export(export.pk)

    export.refresh_from_db()
    assert (export.state, export.done) == ("completed", 3)


def test_a_full_disk_fails_the_export(
    admin_user: User, room: Room, settings: Settings
) -> None:
    settings.DISK_RESERVE_BYTES = 10**18
    export = start(admin_user)

    run_export(export.pk)

    export.refresh_from_db()
    assert (export.state, export.error_code) == ("failed", "error-storage-full")
    assert "disk is full" in export.error
    logged = ActivityEntry.objects.get(action="changed", name=str(export))
    assert logged.after == {"state": "failed", "error": "error-storage-full"}
    assert folders(export) == []


def test_a_starter_who_lost_the_right_exports_nothing(
    admin_user: User, room: Room
) -> None:
    export = start(admin_user)
    admin_user.roles.clear()

    run_export(export.pk)

    export.refresh_from_db()
    assert (export.state, export.error_code) == ("failed", "error-export-not-allowed")


def test_refused_starts(admin_user: User, importer_user: User, room: Room) -> None:
    for user in (importer_user, None):
        with pytest.raises(ExportForbiddenError):
            start_export(wanted=SLACK, actor=Actor(user) if user else SERVER)
    for wanted, words in (
        (ExportSettings(file_format="word"), "There is no format 'word'"),
        (ExportSettings(file_format="mattermost"), "is not a valid name of a team"),
        (
            ExportSettings(file_format="rocketchat-csv", files=FileMode.CONTENT),
            "can't include files",
        ),
    ):
        with pytest.raises(ExportRefusedError, match=words):
            start(admin_user, wanted)
    for _number in range(10):
        start(admin_user)
    with pytest.raises(TooManyExportsError):
        start(admin_user)


def test_the_options_reach_the_format(admin_user: User, room: Room) -> None:
    wanted = ExportSettings(
        file_format="mattermost",
        options={"team": "acme", "mail_domain": "x.example", "existing_users": []},
        limits=Limits(5, 6),
        selection=Selection(rooms=(room.pk,), authors=(admin_user.public_id,)),
    )
    export = start(admin_user, wanted)
    assert export.selection == {
        "rooms": [room.public_id],
        "users": [admin_user.public_id],
    }

    work()

    export.refresh_from_db()
    assert export.manifest is not None
    assert [one["file"] for one in export.manifest["archives"]] == ["mattermost.zip"]
    assert export.manifest["messages"] == 3


def test_deletion_and_expiry(
    admin_user: User,
    room: Room,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    kept, old, deleted = (start(admin_user) for _number in range(3))
    work()
    stray = folder_of(kept.public_id, 7)
    stray.mkdir()
    with django_capture_on_commit_callbacks(execute=True):
        delete_export(export=deleted, actor=Actor(admin_user))
    now = timezone.now()
    WorkspaceExport.objects.filter(pk=old.pk).update(expires_at=now)

    assert prune_exports(before=now - timedelta(days=1)) == 2

    assert folders(kept) == [f"{kept.public_id}-1"]
    old.refresh_from_db()
    assert old.state == ExportState.EXPIRED
    prune_exports(before=timezone.now())
    assert [one.pk for one in WorkspaceExport.objects.all()] == [kept.pk]


def test_an_active_export_can_be_deleted(admin_user: User, room: Room) -> None:
    export = start(admin_user)

    run_export(export.pk, lambda: delete_export(export=export, actor=Actor(admin_user)))

    assert not WorkspaceExport.objects.exists()
    assert folders(export) == []


def test_only_one_worker_takes_an_export(admin_user: User, room: Room) -> None:
    export = start(admin_user)
    assert ExportLease.take(export.pk, lambda: None) is not None
    WorkspaceExport.objects.update(lease_owner="host:1:2")

    assert ExportLease.take(export.pk, lambda: None) is None


def test_ranges_of_keys() -> None:
    ranges = KeyRanges()
    ranges.add([1, 2, 3, 7])
    ranges.add([8, 10])

    assert [key for key in range(12) if key in ranges] == [1, 2, 3, 7, 8, 10]


def test_shared_storage(
    admin_user: User, room: Room, settings: Settings, tmp_path: Path
) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "uploads": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "shared"},
        },
    }
    export = start(admin_user)
    work()
    export.refresh_from_db()

    assert export.state == ExportState.COMPLETED
    assert folders(export) == []
    assert b"".join(read_archive(export, "part-001.zip")).startswith(b"PK")
    WorkspaceExport.objects.update(expires_at=timezone.now())
    prune_exports(before=timezone.now() - timedelta(days=1))
    assert not [path for path in (tmp_path / "shared").rglob("*") if path.is_file()]
