"""Statuses of mirrored imports, in words and as badges."""

from __future__ import annotations

from django.utils.translation import gettext as _

from imports_app.admin.columns import label_html
from imports_app.models import MirroredOperation
from imports_app.statuses import Status


def mirrored_badge(operation: MirroredOperation) -> str:
    """Return the status of a mirrored import as a colored badge."""
    return label_html(*_status_of(operation))


def label_of(status: str) -> str:
    """Return the label of a status, or the status itself if it is unknown."""
    return str(Status(status).label) if status in Status.values else status


def _status_of(operation: MirroredOperation) -> tuple[str, str]:
    """Return the status in words, and its color."""
    status = operation.status
    if status == Status.DONE:
        if operation.count_error:
            return _("Completed with failures"), "warning"
        return _("Completed"), "success"
    if status == Status.FAILED:
        return label_of(status), "danger"
    if not operation.is_valid:
        return _("Replaced"), ""
    return label_of(status), "info" if operation.is_running else "warning"
