"""Imports into Mattermost by workers: turns, recovery, cancellation and failures."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.auth.encryption import encrypt
from accounts.models import ActivityEntry, User
from config.errors import DomainError
from imports_app.engine.exports.archives import folder_of, read_archive
from imports_app.engine.mattermost import sending
from imports_app.engine.mattermost.jobs import send_export
from imports_app.engine.mattermost.lease import MattermostLease
from imports_app.engine.retries import stopping
from imports_app.models import (
    MattermostImport,
    Server,
    WorkspaceExport,
)
from imports_app.models.outgoing.servers import KEY_PURPOSE
from imports_app.remote.mattermost import MattermostClient
from imports_app.services.outgoing.exports import (
    ExportSettings,
    delete_export,
    start_export,
)
from imports_app.services.outgoing.mattermost import (
    cancel_mattermost_import,
    start_mattermost_import,
)
from imports_app.transitions import Actor
from imports_app.uploads.shared import ALIAS
from tests.factories import ServerFactory, UserFactory
from tests.fakes.mattermost import (
    BrokenConnectionError,
    FakeMattermost,
    serving_mattermost,
)
from tests.working import work
from tests.workspace import room_of, say

pytestmark = pytest.mark.django_db
CHUNK = 300
MATTERMOST = ExportSettings(
    file_format="mattermost", options={"team": "acme", "mail_domain": "example.org"}
)


@pytest.fixture
def fake(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeMattermost]:
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(sending, "_CHUNK", CHUNK)
    with serving_mattermost(FakeMattermost()) as fake:
        yield fake


@pytest.fixture
def server(fake: FakeMattermost) -> Server:
    return mattermost_of(fake)


def mattermost_of(fake: FakeMattermost, name: str = "team") -> Server:
    """Connect the stand-in."""
    server: Server = ServerFactory.create(
        name=name,
        kind=Server.Kind.MATTERMOST,
        base_address=fake.url,
        token=encrypt(fake.token.encode(), KEY_PURPOSE),
    )
    return server


def exported(user: User, wanted: ExportSettings = MATTERMOST) -> WorkspaceExport:
    """Export a workspace with some messages."""
    say(room_of(user), user, *(f"text {number}" for number in range(50)))
    export = start_export(wanted=wanted, actor=Actor(user))
    assert work() == 1
    export.refresh_from_db()
    assert export.state == "completed", export.error
    return export


@pytest.fixture
def export(admin_user: User) -> WorkspaceExport:
    return exported(admin_user)


def start(
    export: WorkspaceExport, server: Server, *, repeats: bool = False
) -> MattermostImport:
    return start_mattermost_import(
        export=export, server=server, actor=Actor(export.starter), repeats=repeats
    )


def take_turns(job: MattermostImport, turns: int = 50) -> MattermostImport:
    """Work on an import as the heartbeats of workers would."""
    for _turn in range(turns):
        MattermostImport.objects.filter(pk=job.pk).update(due_at=None)
        send_export(job.pk)
        job.refresh_from_db()
        if not job.is_active:
            break
    return job


def content_of(export: WorkspaceExport) -> bytes:
    return b"".join(read_archive(export, "mattermost.zip"))


def test_an_export_is_imported_in_turns(
    fake: FakeMattermost, server: Server, export: WorkspaceExport
) -> None:
    fake.polls = 3
    job = start(export, server)
    with pytest.raises(DomainError, match="has not ended"):
        start(export, server)

    assert work() == 1  # the worker is free while Mattermost imports
    job.refresh_from_db()
    now = timezone.now()
    assert (job.state, job.phase, job.lease_owner) == ("running", "importing", "")
    assert job.bytes_sent == job.bytes_total == len(content_of(export)) > 2 * CHUNK
    assert "enqueued" in job.note
    assert job.due_at is not None
    assert MattermostLease.release_due() == []
    assert MattermostLease.take(job.pk) is None
    MattermostImport.objects.update(due_at=now)
    [due] = MattermostLease.release_due()
    assert due == job
    assert MattermostLease.release_due() == []

    take_turns(job)
    assert (job.state, job.note, job.error) == ("completed", "", "")
    assert list(fake.archives.values()) == [content_of(export)]
    assert fake.received == job.bytes_total
    assert len(fake.jobs) == len(fake.imported) == 1
    logged = ActivityEntry.objects.filter(name__contains=job.public_id)
    assert [one.action for one in logged] == ["exported"]

    again = take_turns(start(export, server))
    assert (again.state, len(fake.imported)) == ("completed", 1)
    assert "already imported this archive" in again.note
    repeated = take_turns(start(export, server, repeats=True))
    assert (repeated.state, len(fake.imported)) == ("completed", 2)
    assert fake.received == job.bytes_total


def test_a_failure_between_two_turns_is_not_lost(
    fake: FakeMattermost, server: Server, export: WorkspaceExport
) -> None:
    """The next turn finds the failed job, and does not start another."""
    fake.failure = ("invalid post", "7")

    job = take_turns(start(export, server))

    assert (job.state, job.error_code) == ("failed", "error-mattermost-import-failed")
    assert "invalid post. The cause is line 7 of the archive: " in job.error
    assert len(fake.jobs) == 1
    fake.failure = None
    assert take_turns(start(export, server)).state == "completed"
    assert (len(fake.jobs), fake.received) == (2, job.bytes_total)


def test_interruptions_wait_and_continue(
    fake: FakeMattermost, server: Server, export: WorkspaceExport
) -> None:
    """Cut connections before and after any call."""
    chance = random.Random(1)  # noqa: S311 - moments
    notes = []

    def interrupt(call: str) -> None:
        if chance.random() < 0.2:
            raise BrokenConnectionError(call)

    fake.before_call = fake.after_call = interrupt
    job = start(export, server)
    for _turn in range(100):
        take_turns(job, 1)
        notes.append(job.note)
        if not job.is_active:
            break

    assert (job.state, job.error) == ("completed", "")
    assert any("The next attempt is in" in note for note in notes)
    assert list(fake.archives.values()) == [content_of(export)]
    assert len(fake.jobs) == len(fake.imported) == 1


def test_a_server_that_stays_away_fails_the_import(
    fake: FakeMattermost, server: Server, export: WorkspaceExport
) -> None:
    job = start(export, server)
    MattermostImport.objects.update(attempts=59)

    def break_down(call: str) -> None:
        raise BrokenConnectionError(call)

    fake.before_call = break_down
    take_turns(job, 1)
    assert (job.state, job.attempts) == ("running", 60)
    take_turns(job, 1)
    assert (job.state, job.error_code) == ("failed", "remote-unreachable")


def test_cancelled_within_a_chunk(
    fake: FakeMattermost,
    server: Server,
    export: WorkspaceExport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = start(export, server)
    send = MattermostClient.send

    def send_and_cancel(client: MattermostClient, session: str, chunk: bytes) -> None:
        send(client, session, chunk)
        cancel_mattermost_import(job=job, actor=Actor(export.starter))

    monkeypatch.setattr(MattermostClient, "send", send_and_cancel)
    take_turns(job)

    assert (job.state, fake.jobs, fake.received) == ("cancelled", [], CHUNK)
    monkeypatch.setattr(MattermostClient, "send", send)
    again = start(export, server)
    assert take_turns(again).state == "completed"
    assert fake.received == again.bytes_total
    with pytest.raises(DomainError, match="already ended"):
        cancel_mattermost_import(job=again, actor=Actor(export.starter))


def test_a_stopped_worker_lets_the_next_continue_at_once(
    fake: FakeMattermost, server: Server, export: WorkspaceExport
) -> None:
    job = start(export, server)

    def stop(call: str) -> None:
        if call.startswith("POST uploads/"):
            stopping.set()

    fake.after_call = stop
    try:
        take_turns(job, 1)
    finally:
        stopping.clear()
    assert (job.state, job.lease_owner, fake.received) == ("running", "", CHUNK)

    fake.after_call = lambda _call: None
    assert take_turns(job).state == "completed"
    assert fake.received == job.bytes_total


@pytest.mark.parametrize("what", ["demoted", "deactivated", "deleted", "disabled"])
def test_rights_are_checked_when_the_worker_starts(
    fake: FakeMattermost, server: Server, export: WorkspaceExport, what: str
) -> None:
    job = start(export, server)
    starter = export.starter
    assert starter is not None
    if what == "demoted":
        starter.roles.clear()
    elif what == "deactivated":
        User.objects.filter(pk=starter.pk).update(is_active=False)
    elif what == "deleted":
        MattermostImport.objects.update(starter=None)
    else:
        Server.objects.update(is_enabled=False)

    take_turns(job)

    expected = "error-mattermost-import-not-allowed"
    if what == "disabled":
        expected = "error-server-disabled"
    assert (job.state, job.error_code, fake.calls) == ("failed", expected, [])


def test_what_cannot_be_sent_is_refused(
    fake: FakeMattermost, server: Server, admin_user: User
) -> None:
    slack = exported(admin_user, ExportSettings(file_format="slack"))
    good = start_export(wanted=MATTERMOST, actor=Actor(admin_user))
    rocketchat = ServerFactory.create(name="rocket")
    disabled = mattermost_of(fake, "off")
    disabled.is_enabled = False
    disabled.save()
    actor, plain = Actor(admin_user), Actor(UserFactory.create())
    for export, target, by, code in (
        (slack, server, actor, "error-not-a-mattermost-export"),
        (good, server, actor, "error-export-not-stored"),
        (slack, rocketchat, actor, "error-not-a-mattermost-server"),
        (slack, disabled, actor, "error-server-disabled"),
        (slack, server, plain, "error-action-not-allowed"),
    ):
        with pytest.raises(DomainError) as raised:
            start_mattermost_import(export=export, server=target, actor=by)
        assert raised.value.code == code
    work()
    good.refresh_from_db()
    WorkspaceExport.objects.update(expires_at=timezone.now() - timedelta(days=1))
    good.refresh_from_db()
    with pytest.raises(
        DomainError, match="archives of the export are not on this server"
    ):
        start(good, server)
    assert not MattermostImport.objects.exists()


@pytest.mark.parametrize("is_truncated", [False, True])
def test_a_missing_archive_fails_the_import(
    fake: FakeMattermost, server: Server, export: WorkspaceExport, *, is_truncated: bool
) -> None:
    job = start(export, server)
    if is_truncated:
        path = folder_of(export.public_id, export.attempt) / "mattermost.zip"
        path.write_bytes(content_of(export)[:-1])
    else:
        delete_export(export=export, actor=Actor(export.starter))

    take_turns(job)

    assert (job.state, job.error_code) == ("failed", "error-export-not-stored")
    assert not fake.received


def test_archives_in_shared_storage_are_copied_for_the_upload(
    fake: FakeMattermost,
    server: Server,
    admin_user: User,
    settings: Settings,
    tmp_path: Path,
) -> None:
    backend = "django.core.files.storage.FileSystemStorage"
    entry = {"BACKEND": backend, "OPTIONS": {"location": tmp_path / "shared"}}
    settings.STORAGES = {**settings.STORAGES, ALIAS: entry}
    export = exported(admin_user)
    folder = folder_of(export.public_id, export.attempt)
    assert not folder.exists()

    job = take_turns(start(export, server))

    assert (job.state, job.error) == ("completed", "")
    assert list(fake.archives.values()) == [content_of(export)]
    assert list(folder.iterdir()) == []
