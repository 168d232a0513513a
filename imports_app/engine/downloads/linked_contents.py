"""Stored contents of linked files: names and deletion."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from config.files.stored_files import imported_files, storage_errors
from imports_app.models import DownloadState, FileDownload, LinkedFile, MessageFile

_BATCH: Final = 2_000
_MOST_IN_PROGRESS: Final = 100
"""Maximum number of files that a killed worker may have stored without a result."""


def content_name(key: int) -> str:
    """Return the name of a linked file in the storage, the same for every attempt."""
    return f"files/linked/{key % 1000:03}/{key}"


def delete_contents(names: Iterable[str]) -> None:
    """Delete contents from the storage, if they exist.

    Raises:
        OSError: The storage is unavailable.
    """
    storage = imported_files()
    with storage_errors():
        for name in names:
            storage.delete(name)


def unused_names(names: set[str], *, without: int | None = None) -> set[str]:
    """Return the names of contents that no row refers to.

    Args:
        names: The names.
        without: Key of a download whose files don't count.
    """
    left = names - MessageFile.objects.names_among(names)
    return left - LinkedFile.objects.exclude(download=without).names_among(left)


def discard_linked_files(
    download_id: int, watch: Callable[[], None] = lambda: None
) -> int:
    """Delete the list of a download, and the contents that no message uses.

    Stops the worker that downloads. An interrupted call can be repeated.

    Args:
        download_id: Key of the `FileDownload`.
        watch: Called before each batch.

    Returns:
        The number of deleted contents.

    Raises:
        OSError: The storage is unavailable.
    """
    rows = FileDownload.objects.filter(pk=download_id)
    rows.update(state=DownloadState.DELETED, lease_owner="", lease_expires_at=None)
    started = LinkedFile.objects.waiting(download_id).values_list("pk", flat=True)
    delete_contents(content_name(pk) for pk in list(started[:_MOST_IN_PROGRESS]))
    files = LinkedFile.objects.of_download(download_id)
    deleted = 0
    while batch := list(files.values_list("pk", "stored_name")[:_BATCH]):
        watch()
        names = unused_names({name for _pk, name in batch} - {""}, without=download_id)
        delete_contents(names)
        deleted += len(names)
        LinkedFile.objects.filter(pk__in=[pk for pk, _name in batch]).delete()
    rows.filter(operation=None).delete()
    return deleted
