"""Download of linked files by `import_file`."""

from __future__ import annotations

import math
import time
from typing import Final

from rich.progress import Progress

from imports_app.engine import jobs
from imports_app.engine.downloads.linked_files import download_linked_files
from imports_app.models import FileDownload, ImportOperation
from imports_app.services.review.linked_files import start_file_download
from imports_app.transitions import Actor

_POLL_SECONDS: Final = 0.2


def download_files(
    operation: ImportOperation, actor: Actor, bar: Progress
) -> FileDownload:
    """Download the linked files, or wait for the worker that is downloading them.

    Args:
        operation: The operation; it waits for its review.
        actor: Who starts the download.
        bar: Shows the progress.
    """
    download = start_file_download(operation=operation, actor=actor)
    with bar:
        task = bar.add_task("Downloading", total=None)

        def draw() -> None:
            download.refresh_from_db()
            done = download.found - download.waiting
            total = download.found if download.is_listed else None
            bar.update(task, total=total, completed=done)

        while _is_wanted(download):
            download_linked_files(
                download.pk, jobs.limits(), draw, turn_seconds=math.inf
            )
            draw()
            if download.is_running:  # a worker has the lease
                time.sleep(_POLL_SECONDS)
    return download


def _is_wanted(download: FileDownload) -> bool:
    return FileDownload.objects.running().filter(pk=download.pk).exists()
