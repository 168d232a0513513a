"""Query set of imports into Mattermost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from imports_app.models import MattermostImport


class MattermostImportQuerySet(models.QuerySet["MattermostImport"]):
    """Query set of imports into Mattermost."""

    def working(self) -> Self:
        """Filter imports that have not ended."""
        return self.filter(state__in=("waiting", "running"))

    def with_names(self) -> Self:
        """Also load the export, the server and the initiator."""
        return self.select_related("export", "server", "starter")

    def to_server(self, name: str | None) -> Self:
        """Filter the imports into a server; `None` filters nothing."""
        return self if name is None else self.filter(server__name=name)

    def of_export(self, public_id: str | None) -> Self:
        """Filter the imports of an export; `None` filters nothing."""
        return self if public_id is None else self.filter(export__public_id=public_id)

    def find(self, public_id: str) -> MattermostImport | None:
        """Return the import with an ID, or `None`."""
        return self.with_names().filter(public_id=public_id).first()
