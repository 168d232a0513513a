"""Workspaces that imports are from, with prefixes for their import IDs."""

from __future__ import annotations

from django.db import models


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
