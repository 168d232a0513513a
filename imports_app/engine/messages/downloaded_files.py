"""Files that were downloaded before the run, for the messages that link to them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final, NamedTuple

from config.db.bulk import in_chunks
from imports_app.downloads.addresses import redacted
from imports_app.models import (
    FileDownload,
    FileState,
    ImportOperation,
    LinkedFile,
    LinkedFileState,
)
from imports_app.records import MessageRecord


class DownloadedFile(NamedTuple):
    """Columns of a message's file that depend on its download."""

    size: int | None
    state: FileState
    stored_name: str = ""
    digest: str = ""


_STATES: Final = {
    LinkedFileState.STORED: FileState.STORED,
    LinkedFileState.GONE: FileState.FAILED,
    LinkedFileState.FAILED: FileState.FAILED,
}
"""State of a message's file by the result of the download."""


class DownloadedFiles:
    """Look-up of the files that were downloaded for an operation.

    Args:
        public_id: Public ID of the operation.
    """

    def __init__(self, public_id: str) -> None:
        operation = ImportOperation.objects.get(public_id=public_id)
        self._downloads = FileDownload.objects.serving(operation)

    def find(self, records: Iterable[MessageRecord]) -> dict[str, DownloadedFile]:
        """Return the results of the downloads of these messages' files, by key."""
        if not self._downloads:
            return {}
        wanted = {
            link_key(file["id"], file["url"])
            for record in records
            for file in record.files or ()
            if file.get("url")
        }
        found: dict[str, DownloadedFile] = {}
        for keys in in_chunks(wanted):
            tried = LinkedFile.objects.filter(
                download__in=self._downloads, key__in=keys, state__in=_STATES
            )
            for file in tried.only("key", "size", "state", "stored_name", "digest"):
                state = _STATES[LinkedFileState(file.state)]
                if state is FileState.STORED or file.key not in found:
                    found[file.key] = DownloadedFile(
                        file.size, state, file.stored_name, file.digest
                    )
        return found


def identity_of(source_id: str, url: str) -> str:
    """Return the key that the same file has in all messages and exports.

    Each export has other secrets in the URLs.
    """
    return f"{source_id} {redacted(url)}"


def link_key(source_id: str, url: str) -> str:
    """Return the key of a linked file."""
    identity = identity_of(source_id, url)
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
