"""Panel about linked files: how many were downloaded, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.admin.formatting import format_number
from imports_app.admin.links import step_of
from imports_app.models import DownloadState, FileDownload, ImportOperation
from imports_app.services.review.linked_files import count_links
from imports_app.statuses import Status


@dataclass(frozen=True, slots=True)
class FilesPanel:
    """Text, progress and button of the panel."""

    text: str
    advice: str
    page: str
    """URL of the page that lists the files, and that takes the button's request."""
    button: Any = ""
    """Label of the button; empty if there is nothing to do."""
    action: str = ""
    """Value of the button: `download` or `stop`."""
    is_primary: bool = False
    is_listed: bool = False
    """Whether the page has a list."""
    percent: int | None = None
    """Progress while files are downloaded."""


def files_panel(operation: ImportOperation, *, may_run: bool) -> FilesPanel | None:
    """Return the panel, or `None` if the source links to no file.

    Args:
        operation: The operation, with its `file_download`.
        may_run: Whether the user may start and stop the download.
    """
    download = download_of(operation)
    is_waiting = operation.is_valid and operation.status == Status.USER_SELECTION
    if download is None:
        return _offer(operation, may_run=may_run) if is_waiting else None
    if not is_waiting and operation.run_started_at is None:
        return None  # the files were deleted with the import
    label, action = _button(download) if is_waiting and may_run else ("", "")
    return FilesPanel(
        text=coverage_of(download),
        advice=_advice(download, is_waiting=is_waiting),
        page=step_of(operation, "linked_files"),
        button=label,
        action=action,
        is_listed=download.found > 0 and download.state != DownloadState.DELETED,
        percent=percent_of(download),
    )


def download_of(operation: ImportOperation) -> FileDownload | None:
    """Return the download of an operation's linked files, if there is one."""
    download: FileDownload | None = getattr(operation, "file_download", None)
    return download


def coverage_of(download: FileDownload) -> str:
    """Return the coverage as a sentence."""
    if not download.is_listed and download.is_running:
        return _("Searching the messages for links to files.")
    return _("Downloaded %s.") % download.coverage


def percent_of(download: FileDownload) -> int | None:
    """Return the progress of a running download."""
    if not download.is_running or not download.is_listed or not download.found:
        return None
    return (download.found - download.waiting) * 100 // download.found


def _offer(operation: ImportOperation, *, may_run: bool) -> FilesPanel | None:
    links = count_links(operation)
    if not links:
        return None
    text = ngettext(
        "The source has %s link to a file, not the file itself.",
        "The source has %s links to files, not the files themselves.",
        links,
    )
    return FilesPanel(
        text=text % format_number(links),
        advice=_(
            "Links of exports can expire within days. Download the files before you"
            " start the import."
        ),
        page=step_of(operation, "linked_files"),
        button=_("Download files") if may_run else "",
        action="download",
    )


def _button(download: FileDownload) -> tuple[str, str]:
    if download.is_running:
        return _("Stop download"), "stop"
    if download.is_incomplete:
        return _("Continue download"), "download"
    if download.failed:
        return _("Retry failed files"), "download"
    return "", ""


def _advice(download: FileDownload, *, is_waiting: bool) -> str:
    if download.error:
        return download.error
    if download.is_running:
        return _("The import can be started when the download has ended.")
    if is_waiting and download.state == DownloadState.STOPPED:
        return _("Stopped. The import uses the files downloaded so far.")
    if is_waiting:
        return _("The import uses the downloaded files.")
    return _("The files were downloaded before the import.")
