"""Links to imports into Mattermost."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from imports_app.models import WorkspaceExport
from imports_app.services.outgoing.mattermost import may_be_sent, may_send


def imports_page(text: str) -> str:
    """Return the URL of the list, searched for a text such as a server's name."""
    return f"{reverse('admin:imports_app_mattermostimport_changelist')}?q={text}"


def send_page_of(export: WorkspaceExport, user: Any) -> str:
    """Return the URL of the form; empty if the user can't send the export."""
    if not may_be_sent(export) or not may_send(user):
        return ""
    form = reverse("admin:imports_app_mattermostimport_add")
    return f"{form}?export={export.public_id}"


def imports_page_of(export: WorkspaceExport, user: Any) -> str:
    """Return the URL of an export's imports; empty if the user can't see any."""
    has_imports = export.mattermost_imports.exists()
    return imports_page(export.public_id) if has_imports and may_send(user) else ""
