"""Links to the form of an export, with a selection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from imports_app.models import ImportOperation
from imports_app.services.outgoing.exports import may_export
from imports_app.statuses import UndoState

MOST_ROOMS: Final = 50
"""Maximum number of rooms in a link."""


def new_export_page(*, rooms: Sequence[str] = (), operation: str = "") -> str:
    """Return the URL of the form.

    Args:
        rooms: Public IDs of rooms.
        operation: Public ID of an import.
    """
    values = {"rooms": ",".join(rooms), "operation": operation}
    query = urlencode({name: value for name, value in values.items() if value})
    return f"{reverse('admin:imports_app_workspaceexport_add')}?{query}"


def export_page_of(operation: ImportOperation, user: Any) -> str:
    """Return the URL of the form for an import's result; empty if it can't be used."""
    is_known = operation.undo_state == UndoState.AVAILABLE and not operation.is_running
    return (
        new_export_page(operation=operation.public_id)
        if is_known and may_export(user)
        else ""
    )
