"""Workspaces that imports came from, and how their ids are told apart."""

from __future__ import annotations

from django.db import models


class SourceWorkspace(models.Model):
    """A workspace of another server, such as a Slack team."""

    importer_key = models.CharField(max_length=50)
    workspace_id = models.CharField(max_length=255)
    """The source's id of the workspace."""
    scope = models.CharField(max_length=255, blank=True)
    """What stands before the ids of its users and rooms; empty for the first one."""

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("importer_key", "workspace_id"), name="source_workspace_unique"
            ),
        )

    def __str__(self) -> str:
        return self.workspace_id
