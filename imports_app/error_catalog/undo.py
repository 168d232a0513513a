"""Reasons why an undo kept a row, or failed."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.entry import Explanation

UNDO: Final = {
    "importer-undo-used-later": Explanation(
        _("Used by a later import"),
        _("A later import created, changed or uses this data, so it was kept."),
        _("Undo the later import first, then undo the rest of this import."),
    ),
    "importer-undo-changed": Explanation(
        _("Changed after the import"),
        _(
            "A user or another import changed this data after the import, so it was"
            " kept."
        ),
        _("Delete or change it manually if it is no longer needed."),
    ),
    "importer-undo-has-login": Explanation(
        _("User with a login"),
        _("The user has a password, a token or other data of a login."),
        _("Delete the user manually if the account is no longer needed."),
    ),
    "importer-undo-not-allowed": Explanation(
        _("User with more permissions"),
        _("The user has permissions that the user who started the undo doesn't have."),
        _("Ask a user with these permissions to undo the rest of the import."),
    ),
    "importer-undo-referred": Explanation(
        _("Needed by other data"),
        _("Other data that was kept, such as a room, refers to it."),
        _("Remove the other data first, then undo the rest of the import."),
    ),
    "importer-undo-without-import": Explanation(
        _("Import was deleted"),
        _("The import was deleted before the undo finished."),
        _("No action is possible: the journal was deleted with the import."),
    ),
}
