"""Client of the import API in one file, for Python 3.11 or newer with httpx.

    with ImportClient.login("http://localhost:3000", "importer", "password") as client:
        operation = client.upload(Path("team.zip"))
        client.read_data()
        client.start()
        done = client.wait(operation["_id"])
        for record in client.failures(operation["_id"]):
            print(record["message"])

Copy the file into your project. The types are those of your server's version.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import (
    Any,
    Final,
    Literal,
    NamedTuple,
    NotRequired,
    Self,
    TypedDict,
    cast,
)

import httpx

# Generated from the API's description: begin


OperationStatus = Literal[
    "importer_new",
    "importer_uploading",
    "importer_downloading_file",
    "importer_file_loaded",
    "importer_preparing_started",
    "importer_preparing_users",
    "importer_preparing_channels",
    "importer_preparing_messages",
    "importer_preparing_contacts",
    "importer_user_selection",
    "importer_importing_started",
    "importer_importing_users",
    "importer_importing_channels",
    "importer_importing_messages",
    "importer_importing_contacts",
    "importer_importing_files",
    "importer_finishing",
    "importer_done",
    "importer_import_failed",
    "importer_import_cancelled",
]


class OperationCount(TypedDict):
    total: NotRequired[int]
    completed: NotRequired[int]
    error: NotRequired[int]
    users: NotRequired[int]
    channels: NotRequired[int]
    messages: NotRequired[int]
    contacts: NotRequired[int]


class Operation(TypedDict):
    _id: str
    type: str
    importerKey: str
    ts: int
    status: OperationStatus
    valid: bool
    user: str
    _updatedAt: str
    contentType: NotRequired[str]
    file: NotRequired[str]
    count: NotRequired[OperationCount]


OperationDetailsState = Literal[
    "new",
    "loading",
    "ready",
    "importing",
    "done",
    "error",
    "canceled",
]


OperationDetailsUndoState = Literal[
    "available",
    "expired",
    "partly",
    "undone",
]


class OperationDetailsProgressKind(TypedDict):
    staged: int
    imported: int
    updated: int
    unchanged: int
    skipped: int
    failed: int
    notProcessed: int
    guessed: int


class OperationDetailsProgressWorker(TypedDict):
    heartbeatAge: float


class OperationDetailsProgress(TypedDict):
    phase: str
    kinds: dict[str, OperationDetailsProgressKind]
    recordsPerSecond: NotRequired[float]
    estimatedEnd: NotRequired[str]
    heartbeatAge: NotRequired[float]
    stalled: bool
    workers: list[OperationDetailsProgressWorker]


class OperationDetailsError(TypedDict):
    code: str
    message: str


OperationDetailsTimeline = TypedDict(
    "OperationDetailsTimeline",
    {
        "ts": int,
        "user": NotRequired[str],
        "from": NotRequired[str],
        "to": str,
        "valid": bool,
        "count": NotRequired[OperationCount],
        "undo": NotRequired[str],
        "corrected": NotRequired[str],
        "correctionRemoved": NotRequired[bool],
    },
)


class OperationDetails(TypedDict):
    _id: str
    type: str
    importerKey: str
    ts: int
    status: OperationStatus
    valid: bool
    user: str
    _updatedAt: str
    contentType: NotRequired[str]
    file: NotRequired[str]
    count: NotRequired[OperationCount]
    state: OperationDetailsState
    fileSize: NotRequired[int]
    fileDigest: NotRequired[str]
    retryOf: NotRequired[str]
    undoOf: NotRequired[str]
    undoState: NotRequired[OperationDetailsUndoState]
    restOf: NotRequired[str]
    trialMessages: NotRequired[int]
    heartbeatAt: NotRequired[str]
    finishedAt: NotRequired[str]
    runningSeconds: NotRequired[float]
    progress: OperationDetailsProgress
    readingOptions: NotRequired[dict[str, Any]]
    report: NotRequired[dict[str, Any]]
    error: NotRequired[OperationDetailsError]
    timeline: list[OperationDetailsTimeline]


class Upload(TypedDict):
    _id: str
    fileName: str
    size: int
    offset: int
    ts: int
    expiresAt: str
    operation: NotRequired[str]


RecordKind = Literal[
    "user",
    "contact",
    "channel",
    "message",
    "file",
    "avatar",
]


RecordOutcome = Literal[
    "staged",
    "imported",
    "updated",
    "unchanged",
    "skipped",
    "failed",
]


class Record(TypedDict):
    key: str
    kind: RecordKind
    importId: str
    outcome: RecordOutcome
    code: NotRequired[str]
    message: NotRequired[str]
    file: NotRequired[str]
    line: NotRequired[int]
    guess: NotRequired[str]
    correctedAt: NotRequired[str]


class UndoPreviewKept(TypedDict):
    kind: RecordKind
    number: int
    code: str
    message: str


class UndoPreview(TypedDict):
    removed: dict[str, int]
    restored: dict[str, int]
    kept: list[UndoPreviewKept]
    unchecked: dict[str, int]


class ImportDataUser(TypedDict):
    user_id: str
    username: str
    email: NotRequired[str]
    is_deleted: bool
    is_bot: bool
    do_import: bool
    is_email_taken: bool


class ImportDataChannel(TypedDict):
    channel_id: str
    name: str
    is_archived: bool
    do_import: bool
    is_private: bool
    is_direct: bool


class ImportDataContact(TypedDict):
    id: str
    name: str
    emails: list[str]
    phones: list[str]
    do_import: bool


class ImportData(TypedDict):
    name: str
    users: list[ImportDataUser]
    channels: list[ImportDataChannel]
    contacts: list[ImportDataContact]
    message_count: int
    success: Literal[True]


class ImportDataWaiting(TypedDict):
    waiting: Literal[True]
    success: Literal[True]


class ProgressCount(TypedDict):
    total: int
    completed: int
    error: int


class Progress(TypedDict):
    key: str
    name: str
    step: OperationStatus
    count: ProgressCount
    success: Literal[True]


# Generated from the API's description: end


ENDED: Final = frozenset(
    {"importer_done", "importer_import_failed", "importer_import_cancelled"}
)
"""Statuses in which the server does not work on an operation any more."""
_TIMEOUT: Final = httpx.Timeout(30, read=90)
"""In seconds. The server holds some calls back for half a minute."""

Selection = Literal["all"] | list[str]
"""Everything of a kind, or the import IDs of what to import."""


class ImportApiError(Exception):
    """The server refused a call.

    `status` is the HTTP status, `code` the error code if there is one.
    """

    def __init__(self, response: httpx.Response) -> None:
        try:
            body = response.json()
        except ValueError:
            body = {}
        self.status = response.status_code
        self.code: str | None = body.get("errorType")
        super().__init__(body.get("error") or f"HTTP status {self.status}")


class WaitTimeoutError(Exception):
    """The operation did not end in the given time."""


class Event(NamedTuple):
    """Event of an import.

    `name` is `timeline` or `progress`; only events of the timeline have an `id`.
    """

    id: str | None
    name: str
    data: dict[str, Any]


class ImportClient:
    """Import API of one server, for one user."""

    def __init__(
        self,
        url: str,
        *,
        user_id: str,
        token: str,
        http: httpx.Client | None = None,
    ) -> None:
        """Use an existing token.

        Args:
            url: The server's address, such as `http://localhost:3000`.
            user_id: Value of `X-User-Id`.
            token: Value of `X-Auth-Token`.
            http: Client with options of its own, such as a proxy.
        """
        self._http = http or httpx.Client()
        self._base = f"{url.rstrip('/')}/api/v1/"
        self._headers = {"X-User-Id": user_id, "X-Auth-Token": token}

    @classmethod
    def login(
        cls,
        url: str,
        user: str,
        password: str,
        *,
        code: str | None = None,
        http: httpx.Client | None = None,
    ) -> Self:
        """Log in with a username or e-mail address, and the two-factor code if asked.

        Raises:
            ImportApiError: The login is refused; `code` is `totp-required` if the
                two-factor code is missing.
        """
        client = cls(url, user_id="", token="", http=http)
        body = {"user": user, "password": password} | ({"code": code} if code else {})
        try:
            data = client._json("POST", "login", json=body, headers={})["data"]
        except ImportApiError:
            client.close()
            raise
        client._headers = {
            "X-User-Id": data["userId"],
            "X-Auth-Token": data["authToken"],
        }
        return client

    def logout(self) -> None:
        """Revoke the token of this client."""
        self._json("POST", "logout")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()

    # Upload ---------------------------------------------------------------------------

    def upload(self, path: Path, *, importer: str | None = None) -> Operation:
        """Upload a file in one request.

        Args:
            path: The file; it is not read into memory as a whole.
            importer: `csv`, `slack` or another importer; detected if omitted.
        """
        params = {"fileName": path.name} | _importer_key(importer)
        with path.open("rb") as file:
            answer = self._json(
                "PUT",
                "importOperations/file",
                params=params,
                content=file,
                headers={
                    **self._headers,
                    "Content-Type": "application/octet-stream",
                    "Content-Length": str(path.stat().st_size),
                },
            )
        return cast("Operation", answer["operation"])

    def upload_resumable(
        self,
        path: Path,
        *,
        importer: str | None = None,
        part_bytes: int = 8_000_000,
        attempts: int = 5,
    ) -> Operation:
        """Upload a file in parts, which continues after a lost connection.

        Args:
            path: The file.
            importer: As in `upload`.
            part_bytes: Size of a part.
            attempts: How often one part is tried.
        """
        size, digest = path.stat().st_size, hashlib.sha256()
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                digest.update(part)
        name = base64.b64encode(path.name.encode()).decode()
        created = self._send(
            "POST",
            "importOperations/uploads",
            headers={
                **self._tus,
                "Upload-Length": str(size),
                "Upload-Metadata": f"filename {name}",
            },
        )
        upload = (
            f"importOperations/uploads/{created.headers['Location'].rpartition('/')[2]}"
        )
        with path.open("rb") as file:
            offset, failed = 0, 0
            while offset < size:
                try:
                    file.seek(offset)
                    offset = self._append(upload, offset, file.read(part_bytes))
                    failed = 0
                except httpx.TransportError:
                    failed += 1
                    if failed >= attempts:
                        raise
                    head = self._send("HEAD", upload, headers=self._tus)
                    offset = int(head.headers["Upload-Offset"])
        body = {"sha256": digest.hexdigest()} | _importer_key(importer)
        return cast(
            "Operation", self._json("POST", f"{upload}/import", json=body)["operation"]
        )

    def _append(self, upload: str, offset: int, part: bytes) -> int:
        """Send a part; return the new offset."""
        headers = {
            **self._tus,
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        answer = self._send("PATCH", upload, content=part, headers=headers)
        return int(answer.headers["Upload-Offset"])

    @property
    def _tus(self) -> dict[str, str]:
        return {**self._headers, "Tus-Resumable": "1.0.0"}

    # Selection and run ----------------------------------------------------------------

    def read_data(self, *, timeout: float = 600) -> ImportData:
        """Have the file read; return the users and rooms that can be selected.

        Raises:
            ImportApiError: The file cannot be read; `code` and text say why.
            WaitTimeoutError: The file is still being read.
        """
        deadline = time.monotonic() + timeout
        while "waiting" in (answer := self._json("GET", "getImportFileData")):
            _sleep(1, deadline)
        return cast("ImportData", answer)

    def start(
        self,
        *,
        users: Selection = "all",
        channels: Selection = "all",
        plan_digest: str | None = None,
        trial_messages: int | None = None,
    ) -> None:
        """Start the import of what is selected.

        Args:
            users: Which users.
            channels: Which rooms. The import ID `__directMessages__` stands for all
                direct messages; `all` includes them.
            plan_digest: Digest of the preview that the import must match.
            trial_messages: For a trial run, the number of messages of each room.
        """
        rooms = _group(channels)
        if channels == "all":
            rooms["list"] = ["__directMessages__"]
        body: dict[str, Any] = {"input": {"users": _group(users), "channels": rooms}}
        if plan_digest is not None:
            body["planDigest"] = plan_digest
        if trial_messages is not None:
            body["trialMessages"] = trial_messages
        self._json("POST", "startImport", json=body)

    def wait(
        self,
        operation_id: str,
        *,
        until: Callable[[OperationDetails], bool] | None = None,
        timeout: float = 3600,
    ) -> OperationDetails:
        """Wait until an operation has ended, or until it fulfils a condition.

        The server holds the call until something changes.

        Raises:
            WaitTimeoutError: It has not ended in time.
        """
        path, headers = f"importOperations/{operation_id}", {"Prefer": "wait=30"}
        deadline = time.monotonic() + timeout
        while True:
            answer = self._send("GET", path, headers={**self._headers, **headers})
            if answer.status_code != httpx.codes.NOT_MODIFIED:
                operation = cast("OperationDetails", answer.json()["operation"])
                if (until or has_ended)(operation):
                    return operation
                headers["If-None-Match"] = answer.headers["ETag"]
            if "Preference-Applied" not in answer.headers:
                _sleep(float(answer.headers.get("Retry-After", 1)), deadline)
            elif time.monotonic() > deadline:
                raise WaitTimeoutError(path)

    def events(
        self, operation_id: str | None = None, *, after: str | None = None
    ) -> Generator[Event, None, None]:
        """Yield events of one operation, or of all, as they occur, without an end.

        A lost connection is continued without a gap.

        Args:
            operation_id: Whose events; of all operations if omitted.
            after: ID of the last known event.
        """
        path = (
            f"importOperations/{operation_id}" if operation_id else "importOperations"
        )
        timeout = httpx.Timeout(30, read=60)  # the server sends a comment more often
        while True:
            headers = self._headers | ({"Last-Event-ID": after} if after else {})
            try:
                with self._http.stream(
                    "GET",
                    f"{self._base}{path}/events",
                    headers=headers,
                    timeout=timeout,
                ) as answer:
                    _check(answer)
                    for event in _events_of(answer.iter_lines()):
                        after = event.id or after
                        if event.name:
                            yield event
            except httpx.TransportError:
                pass
            time.sleep(1)

    def progress(self) -> Progress:
        """Return the step and the counts of the current operation."""
        return cast("Progress", self._json("GET", "getImportProgress"))

    # Operations -----------------------------------------------------------------------

    def latest(self) -> list[Operation]:
        """Return the latest twenty operations, the last change first."""
        answer = self._send("GET", "getLatestImportOperations")
        return cast("list[Operation]", answer.json())

    def operations(self, **filters: str) -> Iterator[Operation]:
        """Yield all operations, filtered by `status`, `state`, `importerKey`, ..."""
        for page in self._pages("importOperations", filters):
            yield from cast("list[Operation]", page["operations"])

    def operation(self, operation_id: str) -> OperationDetails:
        """Return an operation with its progress and timeline."""
        answer = self._json("GET", f"importOperations/{operation_id}")
        return cast("OperationDetails", answer["operation"])

    def records(self, operation_id: str, **filters: str) -> Iterator[Record]:
        """Yield the records of an operation, filtered by `kind` and `outcome`."""
        path = f"importOperations/{operation_id}/records"
        for page in self._pages(path, filters):
            yield from cast("list[Record]", page["records"])

    def failures(self, operation_id: str) -> Iterator[Record]:
        """Yield the failed records with reason, file and line."""
        return self.records(operation_id, outcome="failed")

    def download_failures(self, operation_id: str, path: Path) -> None:
        """Store the failed records as an archive, to correct and import again."""
        address = f"{self._base}importOperations/{operation_id}/failures.zip"
        with (
            self._http.stream(
                "GET", address, headers=self._headers, timeout=_TIMEOUT
            ) as answer,
            path.open("wb") as file,
        ):
            _check(answer)
            for part in answer.iter_bytes():
                file.write(part)

    def cancel(self, operation_id: str) -> Operation:
        """Cancel an operation; records imported so far are kept."""
        return self._act(operation_id, "cancel")

    def retry(self, operation_id: str) -> Operation:
        """Import the failed records again, in a new operation."""
        return self._act(operation_id, "retry")

    def preview_undo(self, operation_id: str) -> UndoPreview:
        """Return what an undo would remove, restore and keep."""
        answer = self._json("GET", f"importOperations/{operation_id}/undo")
        return cast("UndoPreview", answer["preview"])

    def undo(self, operation_id: str) -> Operation:
        """Undo an import, in a new operation."""
        return self._act(operation_id, "undo")

    def _act(self, operation_id: str, action: str) -> Operation:
        answer = self._json("POST", f"importOperations/{operation_id}/{action}")
        return cast("Operation", answer["operation"])

    # Transport ------------------------------------------------------------------------

    def _pages(self, path: str, filters: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        params = dict(filters)
        while True:
            page = self._json("GET", path, params=params)
            yield page
            if page["cursor"] is None:
                return
            params["cursor"] = page["cursor"]

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = self._send(method, path, **options)
        return cast("dict[str, Any]", answer.json())

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request; send it again after a lost connection or a rate limit.

        The server runs a POST or PUT once, however often it arrives with one key.
        """
        options = {"headers": self._headers, "timeout": _TIMEOUT, **options}
        if method in {"POST", "PUT"}:
            key = {"Idempotency-Key": uuid.uuid4().hex}
            options["headers"] = options["headers"] | key
        content, attempts = options.get("content"), 3
        while True:
            if isinstance(content, BufferedReader):
                content.seek(0)
            try:
                answer = self._http.request(method, self._base + path, **options)
            except httpx.TransportError:
                attempts -= 1
                if attempts == 0 or method == "PATCH":
                    raise
                time.sleep(1)
                continue
            if not _is_busy(answer):
                _check(answer)
                return answer
            time.sleep(float(answer.headers.get("Retry-After", 1)))


def has_ended(operation: OperationDetails) -> bool:
    """Return whether the server does not work on the operation any more."""
    return operation["status"] in ENDED or not operation["valid"]


def _events_of(lines: Iterator[str]) -> Iterator[Event]:
    """Yield the events of a stream; those without a name only have an ID."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        data = json.loads(fields.get("data", "{}"))
        yield Event(fields.get("id"), fields.get("event", ""), data)
        fields = {}


def _group(selection: Selection) -> dict[str, Any]:
    if isinstance(selection, list):
        return {"all": False, "list": selection}
    return {"all": True}


def _importer_key(importer: str | None) -> dict[str, str]:
    return {} if importer is None else {"importerKey": importer}


def _is_busy(answer: httpx.Response) -> bool:
    """Return whether the rate limit is reached, or the same call is in progress."""
    if answer.status_code == httpx.codes.CONFLICT:
        return ImportApiError(answer).code == "error-idempotency-key-in-use"
    return answer.status_code == httpx.codes.TOO_MANY_REQUESTS


def _check(answer: httpx.Response) -> None:
    if answer.status_code >= httpx.codes.BAD_REQUEST:
        answer.read()
        raise ImportApiError(answer)


def _sleep(seconds: float, deadline: float) -> None:
    if time.monotonic() + seconds > deadline:
        raise WaitTimeoutError
    time.sleep(seconds)
