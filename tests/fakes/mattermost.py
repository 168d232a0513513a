"""Strict stand-in for a live Mattermost: uploads, jobs and a bulk import.

It has the rules of a real server that a sender must know (mattermost-bulk.md 1 and 2).
The import is done by the tests' strict reader.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit
from zipfile import ZipFile

from tests.imports_app.exporters.mattermost.oracle import read_strictly

JSON = dict[str, Any]
TOKEN: Final = "token-of-the-stand-in"
_USER: Final = "user-of-the-stand-in-000001"


class RefusedError(Exception):
    """The call is answered with an error."""

    def __init__(self, status: int, identifier: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.document = {"id": identifier, "message": message, "status_code": status}


class BrokenConnectionError(Exception):
    """The connection ends without an answer."""


@dataclass
class FakeMattermost:
    """The server."""

    largest: int = 100_000_000
    """`FileSettings.MaxFileSize`."""
    token: str = TOKEN
    roles: str = "system_user system_admin"
    polls: int = 1
    """Number of calls until a job begins, and again until it ends."""
    url: str = ""
    port: int = 0
    uploads: dict[str, JSON] = field(default_factory=dict)
    archives: dict[str, bytes] = field(default_factory=dict)
    jobs: list[JSON] = field(default_factory=list)
    imported: list[JSON] = field(default_factory=list)
    """The workspace after each import."""
    failure: tuple[str, str] | None = None
    """Error and number of the line of the next import."""
    received: int = 0
    """Bytes of archives that arrived."""
    calls: list[str] = field(default_factory=list)
    before_call: Callable[[str], None] = lambda _call: None
    after_call: Callable[[str], None] = lambda _call: None
    _parts: dict[str, bytearray] = field(default_factory=dict)
    _lock: Any = field(default_factory=threading.RLock)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """Return status and document of a call."""
        place = path.removeprefix("/api/v4/")
        if (method, place) == ("GET", "config/client"):
            return 200, {"Version": "10.11.2"}
        name, _separator, key = place.partition("/")
        match method, name, key:
            case "GET", "users", "me":
                return 200, {"id": _USER, "username": "root", "roles": self.roles}
            case "GET", "config", "":
                return 200, {"FileSettings": {"MaxFileSize": self.largest}}
            case "GET", "imports", "":
                return 200, list(self.archives)
            case "GET", "users", _ if key == f"{_USER}/uploads":
                return 200, list(self.uploads.values()) or None
            case "POST", "uploads", "":
                return 201, self._new_upload(json.loads(body))
            case "GET", "uploads", _ if key in self.uploads:
                return 200, self.uploads[key]
            case "POST", "uploads", _ if key in self.uploads:
                return self._receive(key, body)
            case "GET", "jobs", "type/import_process":
                return 200, [self._work(job["id"]) for job in reversed(self.jobs)]
            case "POST", "jobs", "":
                return 201, self._new_job(json.loads(body))
            case "GET", "jobs", _:
                return 200, self._work(key)
        raise RefusedError(404, "api.context.404.app_error", "Not found.")

    def _new_upload(self, values: JSON) -> JSON:
        assert values["type"] == "import"
        if values["file_size"] > self.largest:
            identifier = "api.upload.create.upload_too_large.app_error"
            raise RefusedError(413, identifier, "The file is too large.")
        session = {
            **values,
            "id": f"upload{len(self._parts):020d}",
            "user_id": _USER,
            "file_offset": 0,
        }
        self.uploads[session["id"]] = session
        self._parts[session["id"]] = bytearray()
        return session

    def _receive(self, key: str, body: bytes) -> tuple[int, Any]:
        session = self.uploads[key]
        self._parts[key] += body
        self.received += len(body)
        session["file_offset"] = len(self._parts[key])
        if session["file_offset"] > session["file_size"]:
            raise RefusedError(400, "upload.too_much", "More bytes than announced.")
        if session["file_offset"] < session["file_size"]:
            return 204, None
        del self.uploads[key]
        self.archives[f"{key}_{session['filename']}"] = bytes(self._parts[key])
        return 201, {"id": key, "name": session["filename"]}

    def _new_job(self, values: JSON) -> JSON:
        assert values["type"] == "import_process"
        job = {
            **values,
            "id": f"job{len(self.jobs):023d}",
            "create_at": len(self.jobs) + 1,
            "status": "pending",
            "progress": 0,
            "polls": self.polls,
        }
        self.jobs.append(job)
        return job

    def _work(self, key: str) -> JSON:
        job = next(job for job in self.jobs if job["id"] == key)
        if job["status"] not in ("pending", "in_progress"):
            return job
        job["polls"] -= 1
        if job["polls"] < 0 and job["status"] == "pending":
            job.update(status="in_progress", polls=self.polls)
        elif job["polls"] < 0:
            self._import(job)
        return job

    def _import(self, job: JSON) -> None:
        if self.failure is not None:
            error, line = self.failure
            job["data"] = {**job["data"], "error": error, "line_number": line}
            job["status"] = "error"
            return
        content = self.archives[job["data"]["import_file"]]
        with ZipFile(io.BytesIO(content)) as archive:
            lines = archive.read("data.jsonl").splitlines()
        self.imported.append(read_strictly([json.loads(line) for line in lines]))
        job["status"] = "success"


class _Handler(BaseHTTPRequestHandler):
    fake: FakeMattermost
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path
        call = f"{method} {path.removeprefix('/api/v4/')}"
        fake = self.fake
        is_open = path == "/api/v4/config/client"
        with fake._lock:
            fake.calls.append(call)
            try:
                if not is_open and (
                    self.headers.get("Authorization") != f"Bearer {fake.token}"
                ):
                    raise RefusedError(401, "api.session.expired", "Log in again.")
                fake.before_call(call)
                status, document = fake.answer(method, path, body)
                fake.after_call(call)
            except RefusedError as error:
                status, document = error.status, error.document
            except BrokenConnectionError:
                self.close_connection = True
                self.connection.close()
                return
        content = b"" if status == 204 else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Print nothing."""


@contextmanager
def serving_mattermost(fake: FakeMattermost) -> Iterator[FakeMattermost]:
    """Serve the stand-in."""
    handler = type("Handler", (_Handler,), {"fake": fake})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        fake.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()
