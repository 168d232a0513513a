"""Admin pages of imports, records, the workspace and the dashboard."""

from __future__ import annotations

import django_tasks_db.admin  # noqa: F401 - registers the page that is removed below
from django.contrib import admin
from django_tasks_db.models import DBTaskResult

from imports_app.admin.deliveries.admin import DeliveryAdmin
from imports_app.admin.exports.admin import WorkspaceExportAdmin
from imports_app.admin.mattermost.admin import MattermostImportAdmin
from imports_app.admin.notices.deliveries import NoticeDeliveryAdmin
from imports_app.admin.notices.webhooks import WebhookAdmin
from imports_app.admin.operations.admin import ImportOperationAdmin
from imports_app.admin.records.admin import ImportRecordAdmin
from imports_app.admin.servers.admin import ServerAdmin
from imports_app.admin.servers.operations import MirroredOperationAdmin
from imports_app.admin.workspace.files import MessageFileAdmin
from imports_app.admin.workspace.messages import MessageAdmin
from imports_app.admin.workspace.rooms import RoomAdmin
from imports_app.admin.workspace.user_deletion import notes_on_messages
from imports_app.admin.workspace.user_links import workspace_links

# No role may open the task queue's own page.
admin.site.unregister(DBTaskResult)

__all__ = [
    "DeliveryAdmin",
    "ImportOperationAdmin",
    "ImportRecordAdmin",
    "MattermostImportAdmin",
    "MessageAdmin",
    "MessageFileAdmin",
    "MirroredOperationAdmin",
    "NoticeDeliveryAdmin",
    "RoomAdmin",
    "ServerAdmin",
    "WebhookAdmin",
    "WorkspaceExportAdmin",
    "notes_on_messages",
    "workspace_links",
]
