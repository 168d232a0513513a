"""Strict stand-in for a live Rocket.Chat: its REST API over HTTP on loopback.

It has the limits and faults of upstream that a sender must know (rocketchat-live.md 2
to 5). The API of this product is more forgiving.
"""

from __future__ import annotations

import base64
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.fakes.rocketchat_archives import read_archive
from tests.fakes.rocketchat_state import (
    JSON,
    Account,
    FakeRoom,
    Staging,
    Workspace,
    new_id,
)

TOKEN: Final = "token-of-the-stand-in"
_IMPORTERS: Final = {"csv": "CSV", "slack": "Slack", "api": "api"}
_ACTIVE: Final = ("importer_importing", "importer_preparing", "importer_downloading")
_KINDS: Final = {"channels": "c", "groups": "p", "im": "d"}


class RefusedError(Exception):
    """The call is answered with an error."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


@dataclass
class Answer:
    """Answer that the server gives instead of its own."""

    status: int
    body: bytes = b"<html><body>502 Bad Gateway</body></html>"
    headers: dict[str, str] = field(default_factory=dict)
    is_late: bool = False
    """Whether the call takes effect nevertheless."""


@dataclass
class FakeRocketChat:
    """The server."""

    body_limit: int = 50_000_000
    """Bytes of a body; a larger one is refused by the proxy with HTML."""
    waits: int = 1
    """Number of calls of getImportFileData that are answered with `waiting`."""
    polls: int = 1
    """Number of calls of getImportProgress until an import is done."""
    token: str = TOKEN
    version: str = "8.2.1"
    url: str = ""
    port: int = 0
    workspace: Workspace = field(default_factory=Workspace)
    operations: list[JSON] = field(default_factory=list)
    staging: Staging = field(default_factory=Staging)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    """Answers to the next calls of each endpoint."""
    calls: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    """Statuses of operations in progress that a new one ended."""
    files: dict[str, bytes] = field(default_factory=dict)
    """Contents of fetched files, by ID of the message."""
    before_call: Callable[[str], None] = lambda _endpoint: None
    _content: bytes = b""
    _countdown: int = 0
    _lock: Any = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.admin = Account(
            "root",
            "Admin",
            ["root@target.example"],
            roles=["admin"],
        )
        self.workspace.accounts.append(self.admin)

    # operations

    @property
    def current(self) -> JSON | None:
        """The last operation."""
        return self.operations[-1] if self.operations else None

    def begin(self, importer: str, **values: Any) -> JSON:
        """Start an operation, as every upload does: the staging is emptied."""
        last = self.current
        if last and last["valid"] and last["status"].startswith(_ACTIVE):
            self.replaced.append(last["status"])
        for one in self.operations:
            one["valid"] = False
        self.staging.clear()
        operation: JSON = {
            "_id": new_id(),
            "type": _IMPORTERS.get(importer, importer),
            "importerKey": importer,
            "ts": int(time.time() * 1000),
            "status": "importer_new",
            "valid": True,
            "user": self.admin.id,
            "_updatedAt": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "count": {"total": 0, "completed": 0, "error": 0},
            **values,
        }
        self.operations.append(operation)
        return operation

    def _needed(self) -> JSON:
        if self.current is None:
            raise RefusedError("Import Operation Not Found [error-operation-not-found]")
        return self.current

    def _check_importer(self, key: str) -> None:
        if key not in _IMPORTERS:
            raise RefusedError(
                f"The importer ({key}) has no import class defined."
                " [error-importer-not-defined]"
            )

    def upload_import_file(self, body: JSON) -> JSON:
        self._check_importer(body.get("importerKey", ""))
        name = f"2026_{self.admin.id}_{body['fileName']}"
        self.begin(body["importerKey"], file=name, contentType=body["contentType"])
        self._load(base64.b64decode(body["binaryContent"]))
        return {}

    def download_public_import_file(self, body: JSON) -> JSON:
        self._check_importer(body["importerKey"])
        parts = urlsplit(body["fileUrl"])
        if parts.hostname != "127.0.0.1":
            raise RefusedError("error-import-file-missing")
        name = f"2026_{self.admin.id}_{parts.path.rpartition('/')[2]}"
        self.begin(body["importerKey"], file=name)
        with urllib.request.urlopen(body["fileUrl"]) as response:
            self._load(response.read())
        return {}

    def _load(self, content: bytes) -> None:
        self._content = content
        self._countdown = self.waits
        self._needed()["status"] = "importer_file_loaded"

    def get_import_file_data(self) -> JSON:
        operation = self._needed()
        if operation["status"].startswith("importer_preparing"):
            if not operation["valid"]:
                raise RefusedError("Invalid Import Operation")
            self._countdown -= 1
            if self._countdown <= 0 and "stuck" not in operation:
                operation["status"] = "importer_user_selection"
            return {"waiting": True}
        if operation["status"] == "importer_file_loaded":
            operation["status"] = "importer_preparing_started"
            try:
                counts = read_archive(
                    operation["importerKey"],
                    self._content,
                    self.staging,
                    self.workspace,
                )
            except ValueError as error:
                operation["stuck"] = True  # waits for ever, as upstream does
                raise RefusedError(str(error)) from error
            operation["count"] |= {**counts, "total": sum(counts.values())}
            if self._countdown > 0:
                return {"waiting": True}
        operation["status"] = "importer_user_selection"
        return {
            "name": operation["type"],
            "users": [{"user_id": one["importIds"][0]} for one in self.staging.users],
            "channels": [
                {"channel_id": one["importIds"][0]} for one in self.staging.channels
            ],
            "contacts": [],
            "message_count": len(self.staging.messages),
        }

    def start_import(self, body: JSON) -> JSON:
        """Start the import, whatever the status is."""
        selection = body["input"]
        self._run(
            users=_selected(self.staging.users, selection.get("users")),
            channels=_selected(self.staging.channels, selection.get("channels")),
            messages=self.staging.messages,
            skips_existing=False,
        )
        return {}

    def _run(
        self,
        *,
        users: list[JSON],
        channels: list[JSON],
        messages: list[JSON],
        skips_existing: bool,
    ) -> None:
        operation = self._needed()
        errors = self.workspace.convert_users(users, skips_existing=skips_existing)
        errors += self.workspace.convert_channels(channels)
        errors += self.workspace.convert_messages(messages)
        total = len(users) + len(channels) + len(messages)
        operation["count"] |= {"completed": total, "error": errors}
        operation["status"] = "importer_importing_messages"
        self._countdown = self.polls

    def _progress(self) -> JSON:
        operation = self._needed()
        if operation["status"].startswith("importer_importing"):
            self._countdown -= 1
            if self._countdown < 0:
                operation["status"] = "importer_done"
        return operation

    def get_import_progress(self) -> JSON:
        operation = self._progress()
        count = operation["count"]
        return {
            "key": operation["importerKey"],
            "name": operation["type"],
            "step": operation["status"],
            "count": {key: count[key] for key in ("total", "completed", "error")},
        }

    def import_status(self) -> JSON:
        if self.current is None:
            return {"state": "none"}
        operation = self._progress()
        status = operation["status"]
        states = {
            "importer_new": "new",
            "importer_user_selection": "ready",
            "importer_done": "done",
            "importer_import_failed": "error",
        }
        state = states.get(status, "loading")
        if status.startswith("importer_importing"):
            state = "importing"
        if not operation["valid"] and state != "done":
            state = "error"
        return {"state": state, "operation": operation}

    def import_new(self) -> JSON:
        return {"operation": self.begin("api")}

    def import_clear(self) -> JSON:
        for one in self.operations:
            one["valid"] = False
        self.staging.clear()
        return {}

    def import_add_users(self, body: JSON) -> JSON:
        operation = self.current
        if operation is None or not operation["valid"]:
            raise RefusedError("Import operation not initialized.")
        for one in body["users"]:
            if not any(one["emails"]) or not any(one["importIds"]):
                raise RefusedError("Users are missing required data.")
        self.staging.users += body["users"]
        operation["status"] = "importer_user_selection"
        return {}

    def import_run(self) -> JSON:
        operation = self._needed()
        if operation["status"] != "importer_user_selection":
            raise RefusedError("error-invalid-operation-status")
        self._run(
            users=self.staging.users, channels=[], messages=[], skips_existing=True
        )
        return {}

    def download_pending(self, kind: str) -> JSON:
        """Fetch files or avatars; only loopback."""
        self.begin(f"pending-{kind}", status="importer_preparing_started")
        wanted: list[tuple[str, str]] = []
        if kind == "avatars":
            wanted = [
                (one.id, one.avatar_url)
                for one in self.workspace.accounts
                if one.avatar_url
            ]
        else:
            wanted = [
                (key, message["_importFile"]["url_private_download"])
                for room in self.workspace.rooms
                for key, message in room.messages.items()
                if "_importFile" in message
            ]
        pending = [(key, url) for key, url in wanted if key not in self.files]
        operation = self._needed()
        for key, url in pending:
            try:
                with urllib.request.urlopen(url) as response:
                    self.files[key] = response.read()
            except OSError as error:
                self.workspace.log.append(f"{kind}: {error}")
                operation["count"]["error"] += 1
        operation["status"] = "importer_done"
        return {"count": len(pending)}

    # rooms and users

    def rooms_of(self, kind: str) -> list[JSON]:
        """Return the rooms of a kind, as lists show them."""
        return [
            self.room_document(one)
            for one in self.workspace.rooms
            if one.type == _KINDS.get(kind, one.type)
        ]

    def room_document(self, room: FakeRoom) -> JSON:
        """Return a room."""
        names = [
            one.username for one in self.workspace.accounts if one.id in room.members
        ]
        return {
            "_id": room.id,
            "t": room.type,
            "msgs": room.count,
            "usersCount": len(room.members),
            "topic": room.topic,
            **({"name": room.name} if room.name else {}),
            **({"usernames": names, "uids": room.members} if room.type == "d" else {}),
        }

    def invite(self, body: JSON) -> JSON:
        """Add a user to a room."""
        room = self.workspace.room(body["roomId"])
        user = self.workspace.account(body["userId"])
        if room is None or user is None:
            raise RefusedError("error-room-not-found")
        if user.id not in room.members:
            room.members.append(user.id)
        return {"room": self.room_document(room)}

    def history(self, query: JSON) -> JSON:
        """Return the messages of a room, newest first."""
        room = self.workspace.room(query.get("roomId") or query.get("roomName", ""))
        if room is None:
            raise RefusedError(
                "The required room does not exist [error-room-not-found]"
            )
        offset, count = int(query.get("offset", 0)), int(query.get("count", 50))
        messages = room.history()
        page = messages[offset : offset + count]
        shown = [
            {**one, "ts": _iso(one["ts"]), "u": {"username": one["u"]}} for one in page
        ]
        return {"messages": shown, "count": len(page), "total": len(messages)}


def _iso(seconds: int) -> str:
    if seconds > 100_000_000_000:  # CSV keeps milliseconds
        return f"{_iso(seconds // 1000)[:-4]}{seconds % 1000:03d}Z"
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def _selected(records: list[JSON], choice: JSON | None) -> list[JSON]:
    if not choice:
        return []
    if choice.get("all"):
        return records
    return [one for one in records if one["importIds"][0] in choice.get("list", ())]


def _page(rows: list[JSON], name: str, query: JSON) -> JSON:
    offset, count = int(query.get("offset", 0)), int(query.get("count", 50))
    page = rows[offset : offset + min(count or 50, 100)]
    return {name: page, "count": len(page), "offset": offset, "total": len(rows)}


def _get(server: FakeRocketChat, endpoint: str, query: JSON) -> Any:
    """Answer a GET; `None` for an unknown endpoint."""
    simple: dict[str, Callable[[], Any]] = {
        "info": lambda: {"version": server.version},
        "me": lambda: server.admin.document,
        "importers.list": lambda: [
            {"key": key, "name": name} for key, name in _IMPORTERS.items()
        ],
        "getLatestImportOperations": lambda: server.operations[:-21:-1],
        "getCurrentImportOperation": lambda: (
            {"operation": server.current} if server.current else {}
        ),
        "getImportFileData": server.get_import_file_data,
        "getImportProgress": server.get_import_progress,
        "import.status": server.import_status,
        "users.list": lambda: _page(
            [one.document for one in server.workspace.accounts], "users", query
        ),
        "channels.list": lambda: _page(server.rooms_of("channels"), "channels", query),
        "groups.listAll": lambda: _page(server.rooms_of("groups"), "groups", query),
        "groups.list": lambda: _page([], "groups", query),  # those of the caller only
        "im.list": lambda: _page([], "ims", query),
        "rooms.adminRooms": lambda: _page(server.rooms_of("all"), "rooms", query),
    }
    if endpoint in simple:
        return simple[endpoint]()
    kind, _dot, action = endpoint.partition(".")
    if kind in _KINDS and action in ("history", "messages"):
        return server.history(query)
    if endpoint in ("rooms.info", "channels.info", "groups.info"):
        room = server.workspace.room(query.get("roomId") or query.get("roomName", ""))
        if room is None:
            raise RefusedError("error-room-not-found")
        name = {"rooms": "room", "channels": "channel", "groups": "group"}[kind]
        return {name: server.room_document(room)}
    if endpoint == "users.info":
        found = (
            server.workspace.by_import_id(query["importId"])
            if "importId" in query
            else server.workspace.account(query.get("userId") or query["username"])
        )
        if found is None:
            raise RefusedError("User not found.")
        return {"user": found.document}
    return None


def _post(server: FakeRocketChat, endpoint: str, body: JSON) -> Any:
    """Answer a POST; `None` for an unknown endpoint."""
    calls: dict[str, Callable[[], Any]] = {
        "uploadImportFile": lambda: server.upload_import_file(body),
        "downloadPublicImportFile": lambda: server.download_public_import_file(body),
        "startImport": lambda: server.start_import(body),
        "import.new": server.import_new,
        "import.clear": server.import_clear,
        "import.addUsers": lambda: server.import_add_users(body),
        "import.run": server.import_run,
        "downloadPendingFiles": lambda: server.download_pending("files"),
        "downloadPendingAvatars": lambda: server.download_pending("avatars"),
        "channels.invite": lambda: server.invite(body),
        "groups.invite": lambda: server.invite(body),
    }
    return calls[endpoint]() if endpoint in calls else None


class _Handler(BaseHTTPRequestHandler):
    """Connection with a client."""

    fake: FakeRocketChat
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._respond(b"")

    def do_POST(self) -> None:
        self._respond(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _respond(self, raw: bytes) -> None:
        parts = urlsplit(self.path)
        endpoint = parts.path.removeprefix("/api/v1/").removeprefix("/api/")
        self.fake.before_call(endpoint)
        with self.fake._lock:
            self.fake.calls.append(endpoint)
            if len(raw) > self.fake.body_limit:
                self._send(413, b"<html>413 Request Entity Too Large</html>")
                return
            waiting = self.fake.answers.get(endpoint)
            answer = waiting.pop(0) if waiting else None
            if answer is None or answer.is_late:
                own = self._answer(endpoint, raw, parts.query)
            if answer is not None:
                self._send(answer.status, answer.body, answer.headers)
            else:
                status, body = own
                headers = {"Content-Type": "application/json"}
                self._send(status, json.dumps(body).encode(), headers)

    def _answer(self, endpoint: str, raw: bytes, text: str) -> tuple[int, Any]:
        known = (self.headers["X-User-Id"], self.headers["X-Auth-Token"])
        if endpoint != "info" and known != (self.fake.admin.id, self.fake.token):
            return 401, {"success": False, "error": "unauthorized"}
        query = {key: values[-1] for key, values in parse_qs(text).items()}
        try:
            if self.command == "GET":
                found = _get(self.fake, endpoint, query)
            else:
                found = _post(self.fake, endpoint, json.loads(raw or b"{}"))
        except RefusedError as error:
            return error.status, {"success": False, "error": error.text}
        if found is None:
            return 404, {"success": False, "error": "Resource not found"}
        return 200, found if isinstance(found, list) else {**found, "success": True}

    def _send(
        self, status: int, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "text/html", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Print nothing."""


@contextmanager
def serving(fake: FakeRocketChat) -> Iterator[FakeRocketChat]:
    """Serve the stand-in; again on the same port if it was served before."""
    handler = type("Handler", (_Handler,), {"fake": fake})
    with ThreadingHTTPServer(("127.0.0.1", fake.port), handler) as server:
        server.daemon_threads = True
        fake.port = server.server_port
        fake.url = f"http://127.0.0.1:{fake.port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()
