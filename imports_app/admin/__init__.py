"""Imports, the workspace and the dashboard in the admin."""

from __future__ import annotations

import django_tasks_db.admin  # noqa: F401 - registers the page that is removed below
from django.contrib import admin
from django_tasks_db.models import DBTaskResult

from imports_app.admin.files import MessageFileAdmin
from imports_app.admin.messages import MessageAdmin
from imports_app.admin.operations import ImportOperationAdmin
from imports_app.admin.people import workspace_links
from imports_app.admin.records import ImportRecordAdmin
from imports_app.admin.workspace import RoomAdmin

# No role opens the task queue's own page; the dashboard shows the workers.
admin.site.unregister(DBTaskResult)

__all__ = [
    "ImportOperationAdmin",
    "ImportRecordAdmin",
    "MessageAdmin",
    "MessageFileAdmin",
    "RoomAdmin",
    "workspace_links",
]
