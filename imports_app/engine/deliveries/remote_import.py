"""Import operations on the server: create, prepare, start and follow them.

The server has one operation at a time, and a new one replaces it. So the current
operation is checked before each call that creates one (rocketchat-live.md 2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from imports_app.engine.deliveries.errors import DeliveryFailedError
from imports_app.engine.deliveries.lease import BlockedError, DeliveryLease
from imports_app.engine.deliveries.links import archive_link
from imports_app.engine.retries import run_watched
from imports_app.models import Delivery
from imports_app.remote.documents import (
    DONE,
    FAILED,
    SELECTION,
    RemoteOperation,
    read_operation,
)
from imports_app.remote.errors import RemoteTooLargeError
from imports_app.remote.replies import Document
from imports_app.remote.rocketchat import RocketChatClient

T = TypeVar("T")
_PAUSES: Final = (0.2, 0.5, 1.0, 2.0)
_LONGEST_PAUSE: Final = 3.0
_BLOCKED_SECONDS: Final = 30.0
_MOST_POLLS: Final = 1_000
"""Longer than a turn."""


class RemoteImport:
    """The server's current operation, as one delivery uses it."""

    def __init__(
        self, delivery: Delivery, client: RocketChatClient, lease: DeliveryLease
    ) -> None:
        self.delivery = delivery
        self.client = client
        self.lease = lease

    def call(self, step: Callable[[], T]) -> T:
        """Call the server, and renew the lease during long calls.

        Raises:
            RemoteError: The server refuses the call.
            LeaseLostError: The delivery was cancelled or taken over.
        """
        return run_watched(step, watch=self.lease.keep)

    def users(self) -> list[Document]:
        """Return the users of the server."""
        return self.call(lambda: list(self.client.users()))

    def rooms(self) -> list[Document]:
        """Return the rooms of the server."""
        return self.call(lambda: list(self.client.rooms()))

    def start(self) -> None:
        """Start the prepared import."""
        self.call(self.client.start)

    def current(self) -> RemoteOperation | None:
        """Return the current operation of the server."""
        return read_operation(self.client.current_operation())

    def find(self, name: str) -> RemoteOperation | None:
        """Return the operation if it has this file, which only this delivery sends."""
        current = self.current()
        is_it = current is not None and current.file.endswith(f"_{name}")
        return current if is_it else None

    def check_free(self) -> None:
        """Check that a new operation would not replace another user's import.

        Raises:
            BlockedError: Another user's import is in progress.
        """
        current = self.current()
        if (
            current is None
            or not current.is_in_progress
            or current.id == self.delivery.remote_operation
            or f"_{self.delivery.public_id}-" in current.file
            or self.delivery.replaces_foreign
        ):
            return
        raise BlockedError(
            _BLOCKED_SECONDS,
            f"Another import is in progress on the server ({current.importer},"
            f" {current.status}). The delivery continues when that import has ended.",
        )

    def remember(self, operation: RemoteOperation | None) -> None:
        """Store that an operation belongs to this delivery."""
        key = "" if operation is None else operation.id[:64]
        if key != self.delivery.remote_operation:
            self.delivery.remote_operation = key
            self.lease.renew(remote_operation=key)

    def follow_started(self) -> None:
        """Wait for the import that an interrupted attempt started.

        Raises:
            WaitError: The turn is over.
            RemoteError: The server refuses a call.
        """
        current = self.current()
        if (
            current is not None
            and current.id == self.delivery.remote_operation
            and current.is_running
        ):
            self.follow()

    def download(self, begin: Callable[[], Document]) -> RemoteOperation | None:
        """Make the server download files from this one, and wait for the end.

        After an interruption, the server downloads the files that are still missing.

        Args:
            begin: Begins the operation.

        Returns:
            The operation; `None` if there was nothing to download.

        Raises:
            BlockedError: Another user's import is in progress.
            WaitError: The turn is over.
            RemoteError: The server refuses a call.
        """
        self.follow_started()
        self.check_free()
        if not self.call(begin).get("count"):
            return None
        self.remember(self.current())
        return self.follow()

    def begin_users(self) -> None:
        """Begin an operation for users.

        Raises:
            BlockedError: Another user's import is in progress.
            RemoteError: The server refuses the call.
        """
        self.check_free()
        document = self.client.new_import().get("operation")
        found = document if isinstance(document, dict) else None
        self.remember(read_operation(found) or self.current())

    def prepare(self, name: str, importer: str, content: bytes) -> None:
        """Upload a file, unless the server already has it, and wait until it is read.

        Raises:
            BlockedError: Another user's import is in progress.
            WaitError: The turn is over.
            RemoteError: The server refuses a call.
            DeliveryFailedError: The server can't read the file.
        """
        found = self.find(name)
        if found is None or not found.is_valid or found.status in FAILED:
            self.check_free()
            self.lease.keep()
            self._upload(content, name, importer)
            found = self.find(name)
        self.remember(found)
        for number in range(_MOST_POLLS):
            if not self.call(self.client.file_data).get("waiting"):
                break
            self.lease.pause(_pause(number))
        found = self.find(name)
        if found is None or found.status != SELECTION:
            status = "no operation" if found is None else found.status
            raise DeliveryFailedError(
                f"The server could not read the archive {name} ({status}). Check the"
                " server's log, then resume."
            )

    def _upload(self, content: bytes, name: str, importer: str) -> None:
        """Send a file, or its URL if the server refuses a body of this size."""
        try:
            self.call(lambda: self.client.upload(content, name, importer))
        except RemoteTooLargeError:
            link = archive_link(self.delivery.public_id, name)
            if not link:
                raise
            self.call(lambda: self.client.download_from(link, importer))

    def follow(self) -> RemoteOperation:
        """Wait for the end of the started import, and return it.

        Raises:
            WaitError: The turn is over.
            RemoteError: The server refuses a call.
            DeliveryFailedError: The import failed on the server.
        """
        for number in range(_MOST_POLLS):
            step = str(self.client.progress().get("step") or "")
            if step == DONE or step in FAILED:
                break
            self.lease.pause(_pause(number))
        current = self.current()
        if current is None or current.id != self.delivery.remote_operation:
            raise BlockedError(
                _BLOCKED_SECONDS,
                "Another import on the server replaced the import of this delivery. The"
                " delivery repeats its import.",
            )
        if current.status != DONE:
            raise DeliveryFailedError(
                f"The import failed on the server ({current.status}). Check the"
                " server's log, then resume."
            )
        return current


def _pause(number: int) -> float:
    return _PAUSES[number] if number < len(_PAUSES) else _LONGEST_PAUSE
