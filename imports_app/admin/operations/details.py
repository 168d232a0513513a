"""Technical details of an operation: IDs, sizes, digests, worker."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.translation import gettext as _

from config.admin.formatting import format_number, format_time
from imports_app.admin.columns import initiator_name
from imports_app.models import ImportOperation


def details_of(operation: ImportOperation) -> list[tuple[str, Any]]:
    """Return labels and values, without those that have no value."""
    size = operation.file_size
    rows = (
        (_("ID"), _code(operation.public_id)),
        (_("Importer"), _code(operation.importer_key)),
        (_("Started by"), initiator_name(operation)),
        (_("Status in the API"), _code(operation.status)),
        (_("Valid in the API"), _("yes") if operation.is_valid else _("no")),
        (_("Stored file"), operation.file_name),
        (_("Content type"), operation.content_type),
        (_("Size"), None if size is None else filesizeformat(size)),
        (_("SHA-256"), operation.file_digest and _code(operation.file_digest)),
        (_("Started"), format_time(operation.created_at)),
        (_("Run started"), format_time(operation.run_started_at, missing="")),
        (_("Messages of each room"), _trial(operation)),
        (_("Finished"), format_time(operation.finished_at, missing="")),
        (_("Last heartbeat"), format_time(operation.heartbeat_at, missing="")),
        (_("Updated"), format_time(operation.updated_at)),
        (_("Worker"), operation.lease_owner and _code(operation.lease_owner)),
        (_("Last checkpoint"), _checkpoint(operation)),
    )
    return [(name, value) for name, value in rows if value]


def _trial(operation: ImportOperation) -> str:
    """Return how many messages of each room a trial run imports."""
    if operation.trial_messages is None or not operation.is_trial:
        return ""
    number = format_number(operation.trial_messages)
    return _("first %s (trial run)") % number


def _checkpoint(operation: ImportOperation) -> str:
    """Return the last processed record of a running import."""
    if not operation.checkpoint or not operation.is_running:
        return ""
    return _("record %s") % format_number(operation.checkpoint)


def _code(text: str) -> str:
    return format_html("<code>{}</code>", text)
