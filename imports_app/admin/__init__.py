"""Imports, the workspace and the dashboard in the admin."""

from __future__ import annotations

from imports_app.admin.files import MessageFileAdmin
from imports_app.admin.messages import MessageAdmin
from imports_app.admin.operations import ImportOperationAdmin
from imports_app.admin.people import workspace_links
from imports_app.admin.records import ImportRecordAdmin
from imports_app.admin.workspace import RoomAdmin

__all__ = [
    "ImportOperationAdmin",
    "ImportRecordAdmin",
    "MessageAdmin",
    "MessageFileAdmin",
    "RoomAdmin",
    "workspace_links",
]
