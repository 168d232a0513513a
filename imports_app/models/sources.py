"""Facts about sources that later imports use: workspaces and assigned columns."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.models import User
from config.db.clock import now_in_milliseconds
from imports_app.querysets.columns import AssignedColumnsQuerySet


class SourceWorkspace(models.Model):
    """Workspace of another server, such as a Slack team."""

    importer_key = models.CharField(max_length=50)
    workspace_id = models.CharField(max_length=255)
    """ID of the workspace in the source."""
    scope = models.CharField(max_length=255, blank=True)
    """Prefix of its users' and rooms' import IDs; empty for the first workspace."""

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("importer_key", "workspace_id"), name="source_workspace_unique"
            ),
        )

    def __str__(self) -> str:
        return self.workspace_id


class AssignedColumns(models.Model):
    """Columns that a user assigned for a header, for this user's imports only."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    header_key = models.CharField(max_length=32)
    """Result of `imports_app.importers.csv.columns.header_key` for the header."""
    columns: models.JSONField[Any, Any] = models.JSONField()
    """Name or number of each field's column."""
    assigned_at = models.DateTimeField(default=now_in_milliseconds)

    objects = AssignedColumnsQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("user", "header_key"), name="assigned_columns_header"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.header_key}"
