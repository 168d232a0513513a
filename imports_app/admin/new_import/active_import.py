"""Notice about the active import on pages that start a new one."""

from __future__ import annotations

from typing import Any

from imports_app.admin import columns
from imports_app.admin.links import page_of
from imports_app.models import ImportOperation


def active_import_notice(operation: ImportOperation | None) -> dict[str, Any]:
    """Return the context of `active_import.html`."""
    if operation is None:
        return {"active_import": None}
    return {
        "active_import": operation,
        "active_import_page": page_of(operation),
        "active_import_badge": columns.badge_of(operation),
        "active_import_initiator": columns.initiator_name(operation),
    }
