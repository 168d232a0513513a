"""The import that a new one would take the place of, as pages show it."""

from __future__ import annotations

from typing import Any

from imports_app.admin import columns
from imports_app.admin.links import page_of
from imports_app.models import ImportOperation
from imports_app.statuses import Status


def active_import_notice(operation: ImportOperation | None) -> dict[str, Any]:
    """Return what `going_on.html` shows."""
    if operation is None:
        return {"going_on": None}
    return {
        "going_on": operation,
        "going_on_page": page_of(operation),
        "going_on_badge": columns.badge_html(Status(operation.status)),
        "going_on_starter": columns.starter_name(operation),
    }
