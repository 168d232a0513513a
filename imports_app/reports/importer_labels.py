"""Labels of importers for people."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy

from imports_app.models import ImportOperation

_IMPORTERS: Final = {
    "slack-users": gettext_lazy("Slack member list"),
    "pending-files": gettext_lazy("Pending files"),
    "pending-avatars": gettext_lazy("Pending avatars"),
    "api": gettext_lazy("Users through the API"),
}
"""Labels of importers whose name is the wire's and not a text, by key."""


def importer_label(key: str, name: str) -> str:
    """Return the label of an importer with this key and the name on the wire."""
    return str(_IMPORTERS.get(key, name))


def importer_of(operation: ImportOperation) -> str:
    """Return the label of an import's importer."""
    return importer_label(operation.importer_key, operation.importer_name)
