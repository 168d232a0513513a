"""Links to files of exports, which work without a login."""

from __future__ import annotations

from pathlib import Path

from accounts.models import ActivityEntry
from accounts.services.activity import Author, record_access
from imports_app.engine.deliveries.links import find_archive
from imports_app.engine.exports.links import find_linked


def record_linked_archive(
    public_id: str, signature: str, name: str, *, address: str
) -> Path | None:
    """Return the path of the archive of a delivery's URL, and record the download.

    Args:
        public_id: Public ID of the delivery.
        signature: Signature of ID and name.
        name: Name of the archive.
        address: Address of the client.

    Returns:
        `None` if the URL is not valid, or the delivery is not in progress.
    """
    found = find_archive(public_id, signature, name)
    if found is not None:
        record_access(
            ActivityEntry.Action.DOWNLOADED,
            ActivityEntry.Subject.DELIVERY,
            f"archive of {public_id}",
            by=Author(None, address, name="delivery link"),
        )
    return found


def record_linked_file(
    export_id: str, target: str, signature: str, *, address: str
) -> tuple[str, str] | None:
    """Return the stored name and the name of a link's file, and record the download.

    Args:
        export_id: Public ID of the export.
        target: Key of the file.
        signature: Signature of both.
        address: Address of the client.

    Returns:
        `None` if the link is not valid, has expired, or the file is gone.
    """
    found = find_linked(export_id, target, signature)
    if found is not None:
        record_access(
            ActivityEntry.Action.DOWNLOADED,
            ActivityEntry.Subject.FILE,
            f"links of export {export_id}",
            by=Author(None, address, name="export link"),
        )
    return found
