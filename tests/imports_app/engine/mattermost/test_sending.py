"""Archives that are imported into a strict stand-in for Mattermost."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from config.errors import DomainError
from imports_app.engine.mattermost import sending
from imports_app.engine.mattermost.errors import (
    ArchiveTooLargeError,
    MattermostImportError,
)
from imports_app.engine.mattermost.lines import describe_line
from imports_app.engine.mattermost.sending import (
    Archive,
    Progress,
    SendOptions,
    SentArchive,
    send_archive,
)
from imports_app.remote.errors import RemoteError
from imports_app.remote.mattermost import MattermostClient
from tests.fakes.mattermost import (
    BrokenConnectionError,
    FakeMattermost,
    RefusedError,
    serving_mattermost,
)
from tests.imports_app.exporters.mattermost.workspaces import (
    MemoryWorkspace,
    export,
    room,
    said,
    user,
)

CHUNK = 500


class Killed(BaseException):
    """The process that sends ends."""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMattermost]:
    monkeypatch.setattr(sending, "_CHUNK", CHUNK)
    with serving_mattermost(FakeMattermost()) as fake:
        yield fake


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    workspace = MemoryWorkspace(
        people=[user("ann")],
        content=[
            (room("general", "ann"), [said(n, "ann", f"text {n}") for n in range(200)])
        ],
    )
    export(tmp_path / "out", workspace)
    return tmp_path / "out" / "mattermost.zip"


def client_of(fake: FakeMattermost, token: str = "") -> MattermostClient:
    return MattermostClient(
        fake.url, token or fake.token, allowed_hosts=["127.0.0.1"], seconds=20
    )


def send(fake: FakeMattermost, archive: Path, *, repeats: bool = False) -> SentArchive:
    progress = Progress(pause=lambda _seconds: None)
    return send_archive(
        client_of(fake),
        Archive.of_file(archive),
        progress,
        SendOptions(repeats=repeats),
    )


def test_an_archive_is_uploaded_in_parts_and_imported_once(
    fake: FakeMattermost, archive: Path
) -> None:
    size = archive.stat().st_size
    notes: list[str] = []
    progress = Progress(pause=lambda _seconds: None, on_note=notes.append)

    first = send_archive(client_of(fake), Archive.of_file(archive), progress)
    second = send(fake, archive)

    assert size > 2 * CHUNK
    assert first.was_uploaded
    assert not first.was_imported_before
    assert len(notes) == 2
    assert "enqueued" in notes[0]
    assert not second.was_uploaded
    assert second.was_imported_before
    assert fake.received == size
    assert len(fake.imported) == len(fake.jobs) == 1
    assert sum(len(posts) for posts in fake.imported[0]["posts"].values()) == 200

    send(fake, archive, repeats=True)
    assert len(fake.imported) == 2
    assert fake.received == size


@pytest.mark.parametrize("seed", range(3))
def test_interruptions_lose_and_double_nothing(
    fake: FakeMattermost, archive: Path, seed: int
) -> None:
    """Cut connections before and after any call; end the process at any pause."""
    chance = random.Random(seed)  # noqa: S311 - moments
    left = 40

    def interrupt(call: str) -> None:
        nonlocal left
        if left and chance.random() < 0.4:
            left -= 1
            raise BrokenConnectionError(call)

    fake.before_call = fake.after_call = interrupt

    def pause(_seconds: float) -> None:
        if chance.random() < 0.2:
            raise Killed

    while True:
        try:
            send_archive(
                client_of(fake), Archive.of_file(archive), Progress(pause=pause)
            )
            break
        except Killed:
            continue

    assert list(fake.archives.values()) == [archive.read_bytes()]
    assert len(fake.jobs) == len(fake.imported) == 1


def test_a_failed_import_names_the_record(fake: FakeMattermost, archive: Path) -> None:
    with ZipFile(archive) as content:
        lines = content.read("data.jsonl").splitlines()
    number = next(n for n, line in enumerate(lines, 1) if b'"text 7"' in line)
    fake.failure = ("invalid post", str(number))

    with pytest.raises(MattermostImportError) as raised:
        send(fake, archive)
    fake.failure = None
    again = send(fake, archive)

    assert "invalid post" in raised.value.message
    assert describe_line(archive, number) in raised.value.message
    assert "the message of ann, " in describe_line(archive, number)
    assert "in the room general" in describe_line(archive, number)
    assert not again.was_uploaded
    assert len(fake.imported) == 1


@pytest.mark.parametrize(
    ("line", "words"), [("0", "up to 1,000 messages"), ("x", "stopped the import: bad")]
)
def test_an_unknown_line_is_not_guessed(
    fake: FakeMattermost, archive: Path, line: str, words: str
) -> None:
    fake.failure = ("bad", line)

    with pytest.raises(MattermostImportError, match=words) as raised:
        send(fake, archive)

    assert "of the archive" not in raised.value.message


def test_too_large_archives_are_not_uploaded(
    fake: FakeMattermost, archive: Path
) -> None:
    fake.largest = 1_000

    with pytest.raises(ArchiveTooLargeError, match="MaxFileSize"):
        send(fake, archive)

    assert fake.received == 0
    assert not fake.uploads


def test_refusals_say_what_to_do(fake: FakeMattermost, archive: Path) -> None:
    fake.token = "another"
    with pytest.raises(RemoteError, match="Create a new token") as token:
        send_archive(client_of(fake, "old"), Archive.of_file(archive), Progress())

    def refuse(call: str) -> None:
        if call == "POST jobs":
            raise RefusedError(403, "api.context.permissions.app_error", "No rights.")

    fake.before_call = refuse
    with pytest.raises(DomainError, match="system administrator") as rights:
        send(fake, archive)

    assert token.value.code == "remote-token-refused"
    assert rights.value.code == "remote-permission-missing"
