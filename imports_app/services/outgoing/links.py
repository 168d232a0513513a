"""Links to files of exports, which work without a login."""

from __future__ import annotations

from accounts.models import ActivityEntry
from accounts.services.activity import Author, record_access
from imports_app.engine.exports.links import find_linked


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
