"""Client of Rocket.Chat's REST API (wire-api.md 2)."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from imports_app.downloads.http import FetchError, FetchLimits, Reply, call
from imports_app.remote.errors import (
    RemoteError,
    RemoteRateLimitError,
    RemoteResponseError,
)
from imports_app.remote.replies import (
    Document,
    as_array,
    as_object,
    read_reply,
    unexpected_response,
    unreachable,
)

_MOST_BYTES: Final = 50_000_000
_SECONDS: Final = 60.0
_UPLOAD_SECONDS: Final = 600.0
_PAGE: Final = 100
_MOST_PAGES: Final = 10_000
_MOST_WAITS: Final = 30
_BUSY_SECONDS: Final = 60.0
_LONGEST_ETAG: Final = 200
_MOST_OPERATIONS_BYTES: Final = 20_000_000
EVERYTHING: Final[Document] = {
    "users": {"all": True, "list": []},
    "channels": {"all": True, "list": []},
    "contacts": {"all": False, "list": []},
}
"""Selection of all users and rooms of an operation."""


@dataclass(frozen=True, slots=True)
class LatestOperations:
    """Response to getLatestImportOperations."""

    documents: tuple[Document, ...] | None
    """`None` if the list is the one with the given ETag."""
    etag: str
    """Empty if the server sends none."""


class RocketChatClient:
    """Client of one server.

    Args:
        base_address: URL of the server, without a path for the API.
        user_id: ID of the user of the token.
        token: Personal access token.
        allowed_hosts: Hosts that may be in a private network or without TLS.
        seconds: Maximum duration of a call, except for transfers of files.
        wait: Waits for a number of seconds when a list exceeds the rate of calls;
            without it, the list fails.

    Every call raises `RemoteError` if it fails.
    """

    def __init__(
        self,
        base_address: str,
        user_id: str,
        token: str,
        *,
        allowed_hosts: Collection[str] = (),
        seconds: float = _SECONDS,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._wait = wait
        self._base = base_address.rstrip("/")
        self._headers = {"X-User-Id": user_id, "X-Auth-Token": token}
        self._allowed = allowed_hosts
        self._seconds = seconds

    def info(self) -> Document:
        """Return the version."""
        return as_object(self._call("GET", "/api/info"))

    def me(self) -> Document:
        """Return the user of the token."""
        return self._get("me")

    def importers(self) -> list[Document]:
        """Return the importers with key and name."""
        return as_array(self._call("GET", "/api/v1/importers.list"))

    def current_operation(self) -> Document | None:
        """Return the last import operation, or `None`."""
        found = self._get("getCurrentImportOperation").get("operation")
        return found if isinstance(found, dict) else None

    def latest_operations(self, etag: str = "") -> LatestOperations:
        """Return the newest import operations, at most twenty.

        Args:
            etag: ETag of a known list, which is not sent again.
        """
        path = "/api/v1/getLatestImportOperations"
        headers = {"If-None-Match": etag} if etag else {}
        reply = self._send(
            "GET", path, headers=headers, most_bytes=_MOST_OPERATIONS_BYTES
        )
        if etag and reply.status == 304:
            return LatestOperations(None, etag)
        found = reply.headers.get("etag", "")
        return LatestOperations(
            tuple(as_array(read_reply(reply, path))),
            found if len(found) <= _LONGEST_ETAG else "",
        )

    def progress(self) -> Document:
        """Return status and counts of the last operation."""
        return self._get("getImportProgress")

    def status(self) -> Document:
        """Return state and document of the last operation."""
        return self._get("import.status")

    def new_import(self) -> Document:
        """Create an operation for users, which invalidates earlier operations."""
        return self._post("import.new")

    def add_users(self, users: list[Document]) -> None:
        """Stage users."""
        self._post("import.addUsers", {"users": users})

    def run(self) -> None:
        """Import the staged users; existing ones are not changed."""
        self._post("import.run")

    def clear(self) -> None:
        """Cancel all operations and delete their staged records."""
        self._post("import.clear")

    def upload(self, content: bytes, name: str, importer: str) -> None:
        """Create an operation with a file, which invalidates earlier operations."""
        body = {
            "binaryContent": b64encode(content).decode(),
            "contentType": "application/zip",
            "fileName": name,
            "importerKey": importer,
        }
        self._post("uploadImportFile", body, seconds=_UPLOAD_SECONDS)

    def probe_upload(self, size: int, *, seconds: float) -> None:
        """Send an upload of a size that is refused, because it names no importer.

        It begins no operation. The usual outcome is `RemoteRefusedError`.

        Raises:
            RemoteTooLargeError: The server or its proxy refuses the size.
        """
        body = b'{"contentType": "%s"}' % (b"x" * size)
        self._call("POST", "/api/v1/uploadImportFile", body, seconds=seconds)

    def download_from(self, url: str, importer: str) -> None:
        """Create an operation with a file that the server downloads from a URL.

        Its name is the last part of the URL's path.
        """
        body = {"fileUrl": url, "importerKey": importer}
        self._post("downloadPublicImportFile", body, seconds=_UPLOAD_SECONDS)

    def download_pending_files(self) -> Document:
        """Create an operation that downloads the files of messages."""
        return self._post("downloadPendingFiles")

    def download_pending_avatars(self) -> Document:
        """Create an operation that downloads the avatars of users."""
        return self._post("downloadPendingAvatars")

    def file_data(self) -> Document:
        """Read the file of the last operation; `waiting` if it takes longer."""
        return self._get("getImportFileData", seconds=_UPLOAD_SECONDS)

    def start(self, selection: Document | None = None) -> None:
        """Start the import of the last operation."""
        chosen = selection or EVERYTHING
        self._post("startImport", {"input": chosen}, seconds=_UPLOAD_SECONDS)

    def users(self) -> Iterator[Document]:
        """Yield all users."""
        return self._pages("users.list", "users")

    def rooms(self) -> Iterator[Document]:
        """Yield all rooms; read one list per type if the server has no common list."""
        try:
            yield from self._pages("rooms.adminRooms", "rooms")
        except RemoteResponseError:
            for prefix, name in (
                ("channels", "channels"),
                ("groups", "groups"),
                ("im", "ims"),
            ):
                yield from self._pages(f"{prefix}.list", name)

    def page_of(self, endpoint: str, count: int = 1) -> Document:
        """Return the first page of a list such as `users.list`."""
        return self._get(endpoint, {"count": str(count)})

    def history(self, prefix: str, room: str, *, count: int, offset: int = 0) -> Any:
        """Return the newest messages of a room.

        Args:
            prefix: `channels`, `groups` or `im`.
            room: ID of the room.
            count: Maximum number of messages.
            offset: Number of newer messages to skip.
        """
        query = {"roomId": room, "count": str(count), "offset": str(offset)}
        return self._get(f"{prefix}.messages", query)

    def user_by_import_id(self, import_id: str) -> Document | None:
        """Return the user with an import ID, or `None`."""
        try:
            found = self._get("users.info", {"importId": import_id}).get("user")
        except RemoteError as error:
            if "not found" in error.message:
                return None
            raise
        return found if isinstance(found, dict) else None

    def invite(self, prefix: str, room: str, user: str) -> None:
        """Add a user to a room.

        Args:
            prefix: `channels` or `groups`.
            room: ID of the room.
            user: ID of the user.
        """
        self._post(f"{prefix}.invite", {"roomId": room, "userId": user})

    def _pages(self, endpoint: str, name: str) -> Iterator[Document]:
        offset = 0
        for _page in range(_MOST_PAGES):
            query = {"offset": str(offset), "count": str(_PAGE)}
            rows = self._page(endpoint, query).get(name)
            if not isinstance(rows, list):
                raise unexpected_response(endpoint)
            yield from (row for row in rows if isinstance(row, dict))
            offset += len(rows)
            if len(rows) < _PAGE:
                return

    def _page(self, endpoint: str, query: Mapping[str, str]) -> Document:
        """Return a page of a list, after waiting if the rate of calls is limited."""
        for _attempt in range(_MOST_WAITS):
            try:
                return self._get(endpoint, query)
            except RemoteRateLimitError as error:
                if self._wait is None:
                    raise
                self._wait(min(error.retry_after or _BUSY_SECONDS, _BUSY_SECONDS))
        return self._get(endpoint, query)

    def _get(
        self,
        endpoint: str,
        query: Mapping[str, str] | None = None,
        *,
        seconds: float | None = None,
    ) -> Document:
        path = f"/api/v1/{endpoint}" + (f"?{urlencode(query)}" if query else "")
        return as_object(self._call("GET", path, seconds=seconds))

    def _post(
        self,
        endpoint: str,
        body: Document | None = None,
        *,
        seconds: float | None = None,
    ) -> Document:
        content = json.dumps(body or {}).encode()
        path = f"/api/v1/{endpoint}"
        return as_object(self._call("POST", path, content, seconds=seconds))

    def _call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        seconds: float | None = None,
    ) -> Any:
        reply = self._send(method, path, body, seconds=seconds)
        return read_reply(reply, path.partition("?")[0])

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
        most_bytes: int = _MOST_BYTES,
    ) -> Reply:
        seconds = seconds or self._seconds
        limits = FetchLimits(
            bytes=most_bytes,
            idle_seconds=seconds,
            total_seconds=seconds,
            allowed_hosts=self._allowed,
            setting="SERVER_ALLOWED_HOSTS",
            is_https_only=True,
        )
        sent = {**self._headers, "Accept": "application/json", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        try:
            return call(method, self._base + path, sent, limits, body)
        except FetchError as error:
            raise unreachable(error) from error
