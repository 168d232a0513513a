"""Upload of an archive to Mattermost, and its import (mattermost-bulk.md 1).

Mattermost itself keeps the state: the archive has a name made from its content, so a
repeated call finds the unfinished upload, the uploaded archive, and the job.
"""

from __future__ import annotations

import errno
import hashlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeVar

from config.units import format_bytes
from imports_app.engine.mattermost.errors import (
    ArchiveTooLargeError,
    MattermostImportError,
    MattermostUploadError,
)
from imports_app.engine.mattermost.lines import describe_line
from imports_app.remote.errors import RemoteError, RemoteRefusedError
from imports_app.remote.mattermost import ImportJob, JobState, MattermostClient
from imports_app.remote.replies import Document

_CHUNK: Final = 8 * 1024 * 1024
_POLL_SECONDS: Final = 3.0
_ATTEMPTS: Final = 20
"""Maximum number of consecutive failed calls."""
_LONGEST_PAUSE: Final = 30.0
_NOTES: Final = {
    JobState.WAITING: "Mattermost has enqueued the import.",
    JobState.RUNNING: "Mattermost is importing. It reports no progress.",
}
_BATCH: Final = 1_000
"""Messages that Mattermost writes together (mattermost-bulk.md 2)."""

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Archive:
    """Archive to send."""

    size: int
    """Bytes."""
    digest: str
    """SHA-256 in hex."""
    open: Callable[[], AbstractContextManager[Path]]
    """Returns the file, until the context ends; called when the content is needed."""

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """Return the archive in a file.

        Raises:
            OSError: It can't be read.
        """
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(path.stat().st_size, digest, lambda: nullcontext(path))


@dataclass(frozen=True, slots=True)
class SentArchive:
    """Result of an import into Mattermost."""

    name: str
    """Name of the archive in Mattermost."""
    was_uploaded: bool
    """Whether this call uploaded bytes."""
    was_imported_before: bool
    """Whether an earlier call imported the same archive."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Functions that are called while an archive is sent."""

    on_bytes: Callable[[int, int], None] = lambda _sent, _total: None
    """Receives the number of uploaded bytes and the size of the archive."""
    on_note: Callable[[str], None] = lambda _note: None
    """Receives a sentence when the import is enqueued, and when it starts."""
    on_start: Callable[[str], None] = lambda _previous: None
    """Receives the ID of the last job that imported the archive, or an empty text,
    right before a new job is enqueued."""
    pause: Callable[[float], None] = time.sleep
    """Waits for a number of seconds; may raise to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOptions:
    """How to send an archive."""

    repeats: bool = False
    """Whether to import an archive again that was imported before."""
    attempts: int = _ATTEMPTS
    """Maximum number of consecutive failed calls."""
    previous_job: str | None = None
    """Value that `Progress.on_start` received in an interrupted call; `None` if it was
    not called. A newer job of the archive is followed, also if it has ended."""


def send_archive(
    client: MattermostClient,
    archive: Archive,
    progress: Progress,
    options: SendOptions = SendOptions(),
) -> SentArchive:
    """Upload an archive, import it, and return when the import ended.

    Args:
        client: Caller of the server.
        archive: The archive.
        progress: Functions to report to.
        options: How to send it.

    Raises:
        ArchiveTooLargeError: The server does not accept a file of this size.
        MattermostUploadError: The server did not keep the archive.
        MattermostImportError: The import failed in Mattermost.
        RemoteError: A call and its retries failed.
        OSError: The archive can't be read.
    """
    return _Sender(client, archive, progress, options).send()


class _Sender:
    def __init__(
        self,
        client: MattermostClient,
        archive: Archive,
        progress: Progress,
        options: SendOptions,
    ) -> None:
        self._client = client
        self._archive = archive
        self._progress = progress
        self._options = options
        self._size = archive.size
        self._name = f"import-{archive.digest[:24]}.zip"

    def send(self) -> SentArchive:
        name = self._find_archive()
        is_new = name is None
        if name is None:
            self._upload()
            name = self._find_archive()
            if name is None:
                raise MattermostUploadError
        job = self._find_job(name)
        if job is None or not self._is_of_interrupted_call(job):
            if job is not None and job.state.is_done and not self._options.repeats:
                return SentArchive(name, is_new, was_imported_before=True)
            if job is None or not job.state.is_working:
                job = self._start(name, job)
        self._follow(job)
        return SentArchive(name, is_new, was_imported_before=False)

    def _is_of_interrupted_call(self, job: ImportJob) -> bool:
        previous = self._options.previous_job
        return previous is not None and job.id != previous

    def _find_archive(self) -> str | None:
        """Return the name of the uploaded archive in Mattermost, or `None`."""
        names = self._retry(self._client.imports)
        return next((one for one in names if one.endswith(f"_{self._name}")), None)

    def _upload(self) -> None:
        session = self._session()
        with self._archive.open() as path, path.open("rb") as file:
            while (offset := _offset(session)) < self._size:
                self._progress.on_bytes(offset, self._size)
                file.seek(offset)
                chunk = file.read(_CHUNK)
                if not chunk:
                    raise OSError(errno.EIO, "The archive is incomplete")
                session = self._send(session, chunk)
        self._progress.on_bytes(self._size, self._size)

    def _session(self) -> Document:
        """Return the unfinished upload of this archive, or a new one."""
        user = str(self._retry(self._client.me).get("id"))
        for session in self._retry(lambda: self._client.uploads(user)):
            if (
                session.get("filename") == self._name
                and session.get("file_size") == self._size
            ):
                return session
        self._check_size()
        return self._retry(lambda: self._client.new_upload(self._name, self._size))

    def _check_size(self) -> None:
        largest = self._retry(self._client.largest_file)
        if largest is not None and self._size > largest:
            raise ArchiveTooLargeError(
                f"The size of the archive is {format_bytes(self._size)}, and"
                f" Mattermost accepts up to {format_bytes(largest)}. Raise"
                " FileSettings.MaxFileSize in Mattermost temporarily, then send the"
                " archive again."
            )

    def _send(self, session: Document, chunk: bytes) -> Document:
        """Append to the upload and return its new state.

        After a failed call, the state is queried, because some of the bytes may be
        stored.
        """
        identifier = str(session.get("id"))
        failures = 0
        while True:
            try:
                self._client.send(identifier, chunk)
                return {**session, "file_offset": _offset(session) + len(chunk)}
            except RemoteError as error:
                failures += 1
                self._wait(error, failures)
                if self._find_archive() is not None:
                    return {**session, "file_offset": self._size}
                found = self._retry(lambda: self._client.upload(identifier))
                if _offset(found) != _offset(session):
                    return found

    def _find_job(self, name: str) -> ImportJob | None:
        """Return the newest job that imports the archive."""
        jobs = [
            one for one in self._retry(self._client.import_jobs) if one.archive == name
        ]
        return max(jobs, key=lambda job: job.created_at, default=None)

    def _start(self, name: str, last: ImportJob | None) -> ImportJob:
        """Enqueue a job.

        After an unclear response, the list of jobs tells whether it was enqueued.
        """
        self._progress.on_start(last.id if last else "")
        failures = 0
        while True:
            try:
                return self._client.start_import(name)
            except RemoteError as error:
                failures += 1
                self._wait(error, failures)
                found = self._find_job(name)
                if found is not None and (last is None or found.id != last.id):
                    return found

    def _follow(self, job: ImportJob) -> None:
        """Wait for the end of a job.

        Raises:
            MattermostImportError: It failed, or was cancelled.
        """
        identifier, last = job.id, None
        while True:
            if job.state != last and job.state in _NOTES:
                self._progress.on_note(_NOTES[job.state])
            last = job.state
            if job.state.is_done:
                return
            if job.state == JobState.FAILED:
                raise MattermostImportError(self._failure(job))
            if not job.state.is_working:
                raise MattermostImportError(
                    "The import was cancelled in Mattermost. Send the archive again to"
                    " continue."
                )
            self._progress.pause(_POLL_SECONDS)
            job = self._retry(lambda: self._client.job(identifier))

    def _failure(self, job: ImportJob) -> str:
        """Return why a job failed, with the record at which it failed."""
        reason = (job.error or "no reason").rstrip(". ")
        if job.line is None:
            place = ""
        elif job.line == 0:
            place = (
                f" The cause is one of up to {_BATCH:,} messages that were written"
                " together."
            )
        else:
            record = self._describe(job.line)
            place = f" The cause is line {job.line:,} of the archive" + (
                f": {record}." if record else "."
            )
        return (
            f"Mattermost stopped the import: {reason}.{place} Mattermost keeps what it"
            " has imported. Correct the cause and import again. Imported messages are"
            " not duplicated unless they were edited since."
        )

    def _describe(self, line: int) -> str:
        """Return the record of a line; empty if it can't be read."""
        try:
            with self._archive.open() as path:
                return describe_line(path, line)
        except OSError:
            return ""

    def _retry(self, call: Callable[[], _Result]) -> _Result:
        """Repeat a call without side effects until it succeeds."""
        failures = 0
        while True:
            try:
                return call()
            except RemoteError as error:
                failures += 1
                self._wait(error, failures)

    def _wait(self, error: RemoteError, failures: int) -> None:
        """Wait after a temporary error; raise any other one."""
        if not error.is_temporary or failures >= self._options.attempts:
            raise error
        pause = error.retry_after or min(0.5 * 2**failures, _LONGEST_PAUSE)
        self._progress.pause(pause)


def _offset(session: Document) -> int:
    """Return the number of bytes that the server has."""
    offset = session.get("file_offset", 0)
    if not isinstance(offset, int) or offset < 0:
        raise RemoteRefusedError(
            "The state of the upload is not valid. Send the archive again."
        )
    return offset
