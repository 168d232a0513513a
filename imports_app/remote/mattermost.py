"""Client of Mattermost's REST API: uploads and imports (mattermost-bulk.md 1)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final
from urllib.parse import quote

from imports_app.downloads.http import FetchError, FetchLimits, Reply, call
from imports_app.remote.errors import (
    RemotePermissionError,
    RemoteRefusedError,
    RemoteResponseError,
    RemoteTooLargeError,
)
from imports_app.remote.replies import (
    Document,
    as_object,
    check_status,
    shown,
    unreachable,
)

_MOST_BYTES: Final = 10_000_000
_SECONDS: Final = 60.0
_UPLOAD_SECONDS: Final = 600.0
_JOBS: Final = 200
_TOO_LARGE: Final = frozenset({"api.upload.create.upload_too_large.app_error"})


class JobState(Enum):
    """State of a job."""

    WAITING = "pending"
    RUNNING = "in_progress"
    DONE = "success"
    DONE_WITH_WARNINGS = "warning"
    FAILED = "error"
    CANCELLING = "cancel_requested"
    CANCELLED = "canceled"

    @property
    def is_working(self) -> bool:
        """Whether the job is waiting or running."""
        return self in (JobState.WAITING, JobState.RUNNING)

    @property
    def is_done(self) -> bool:
        """Whether the job has completed."""
        return self in (JobState.DONE, JobState.DONE_WITH_WARNINGS)


@dataclass(frozen=True, slots=True)
class ImportJob:
    """Job that imports an archive."""

    id: str
    archive: str
    """Name of the uploaded archive."""
    state: JobState
    created_at: int
    """Milliseconds since 1970."""
    error: str
    """Reason of the failure, as the server reports it; safe to print."""
    line: int | None
    """Line of the archive at which it failed; 0 for one of several messages."""


class MattermostClient:
    """Client of one server.

    Args:
        base_address: URL of the server, without a path for the API.
        token: Personal access token of a system administrator.
        allowed_hosts: Hosts that may be in a private network or without TLS.
        seconds: Maximum duration of a call, except for uploads.

    Every call raises `RemoteError` if it fails.
    """

    def __init__(
        self,
        base_address: str,
        token: str,
        *,
        allowed_hosts: Collection[str] = (),
        seconds: float = _SECONDS,
    ) -> None:
        self._base = base_address.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._allowed = allowed_hosts
        self._seconds = seconds

    def version(self) -> str:
        """Return the version, which needs no token."""
        found = self._get("config/client?format=old").get("Version")
        return shown(found or "")

    def me(self) -> Document:
        """Return the user of the token."""
        return self._get("users/me")

    def largest_file(self) -> int | None:
        """Return the maximum size of an upload in bytes, or `None` if unknown."""
        settings = self._get("config").get("FileSettings")
        size = settings.get("MaxFileSize") if isinstance(settings, dict) else None
        return size if isinstance(size, int) else None

    def imports(self) -> list[str]:
        """Return the names of the uploaded archives."""
        found = self._call("GET", "imports")
        if not isinstance(found, list):
            raise _unexpected_response("imports")
        return [name for name in found if isinstance(name, str)]

    def uploads(self, user: str) -> list[Document]:
        """Return the unfinished uploads of a user."""
        return self._list(f"users/{quote(user, safe='')}/uploads")

    def new_upload(self, name: str, size: int) -> Document:
        """Begin an upload of an archive and return its session.

        Raises:
            RemoteTooLargeError: The server refuses an archive of this size.
        """
        body = {"type": "import", "filename": name, "file_size": size}
        return as_object(self._call("POST", "uploads", json.dumps(body).encode()))

    def upload(self, session: str) -> Document:
        """Return the state of an upload."""
        return self._get(f"uploads/{quote(session, safe='')}")

    def send(self, session: str, content: bytes) -> None:
        """Append to an upload, at the offset of its state."""
        path = f"uploads/{quote(session, safe='')}"
        reply = self._send("POST", path, content, seconds=_UPLOAD_SECONDS, is_file=True)
        if reply.status != 204:  # 204: there is more to send
            _read(reply, path)

    def import_jobs(self) -> list[ImportJob]:
        """Return the newest jobs that import an archive."""
        rows = self._list(f"jobs/type/import_process?per_page={_JOBS}")
        return [_read_job(row) for row in rows]

    def start_import(self, name: str) -> ImportJob:
        """Enqueue the import of an uploaded archive and return the job.

        Mattermost does not extract the texts of attached documents, which would take
        long.
        """
        data = {"import_file": name, "extract_content": "false"}
        body = {"type": "import_process", "data": data}
        return _read_job(self._call("POST", "jobs", json.dumps(body).encode()))

    def job(self, job: str) -> ImportJob:
        """Return a job."""
        return _read_job(self._get(f"jobs/{quote(job, safe='')}"))

    def _get(self, path: str) -> Document:
        return as_object(self._call("GET", path))

    def _list(self, path: str) -> list[Document]:
        found = self._call("GET", path)
        if found is None:
            return []
        if not isinstance(found, list):
            raise _unexpected_response(path)
        return [row for row in found if isinstance(row, dict)]

    def _call(self, method: str, path: str, body: bytes | None = None) -> Any:
        return _read(self._send(method, path, body, seconds=self._seconds), path)

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        *,
        seconds: float,
        is_file: bool = False,
    ) -> Reply:
        limits = FetchLimits(
            bytes=_MOST_BYTES,
            idle_seconds=seconds,
            total_seconds=seconds,
            allowed_hosts=self._allowed,
            setting="SERVER_ALLOWED_HOSTS",
            is_https_only=True,
        )
        headers: Mapping[str, str] = {**self._headers, "Accept": "application/json"}
        if body is not None:
            kind = "application/octet-stream" if is_file else "application/json"
            headers = {**headers, "Content-Type": kind}
        try:
            return call(method, f"{self._base}/api/v4/{path}", headers, limits, body)
        except FetchError as error:
            raise unreachable(error) from error


def _read_job(document: Any) -> ImportJob:
    """Return a job.

    Raises:
        RemoteResponseError: The document is not that of a job.
    """
    try:
        found = document.get("data")
        data: Document = found if isinstance(found, dict) else {}
        created = document.get("create_at")
        return ImportJob(
            id=str(document["id"]),
            archive=str(data.get("import_file") or ""),
            state=JobState(document["status"]),
            created_at=created if isinstance(created, int) else 0,
            error=shown(data.get("error") or ""),
            line=_read_number(data.get("line_number")),
        )
    except (AttributeError, LookupError, ValueError) as error:
        raise _unexpected_response("jobs") from error


def _read_number(value: object) -> int | None:
    """Return a number of a line, which is sent as text."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _read(reply: Reply, path: str) -> Any:
    """Return the document of a response.

    Raises:
        RemoteError: The response is an error.
    """
    document = _parse(reply.body)
    is_error = isinstance(document, dict) and "status_code" in document
    if is_error and document.get("id") in _TOO_LARGE:
        raise RemoteTooLargeError(
            "The server refuses a file of this size. Raise FileSettings.MaxFileSize"
            " in Mattermost temporarily, or export smaller archives."
        )
    if is_error and reply.status not in (401, 413, 429):
        text = shown(document.get("message") or f"status {reply.status}").rstrip(".")
        if reply.status == 403:
            raise RemotePermissionError(
                f"The server refuses the call {path}: {text}. The token must belong to"
                " a system administrator."
            )
        raise RemoteRefusedError(
            f"The server refuses the call {path}: {text}. Check the server's log.",
            is_temporary=reply.status >= 500,
        )
    check_status(reply)
    if document is _UNREADABLE or reply.status not in (200, 201):
        raise _unexpected_response(path)
    return document


_UNREADABLE: Final = object()


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return _UNREADABLE


def _unexpected_response(path: str) -> RemoteResponseError:
    return RemoteResponseError(
        f"The response to {path.partition('?')[0]} does not have the format of"
        " Mattermost's API. Check the address of the server."
    )
