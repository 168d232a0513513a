"""Reasons why an undo kept a row, or failed."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.entry import Explanation

UNDO: Final = {
    "importer-undo-used-later": Explanation(
        _("Used by a later import"),
        _("A later import created, changed or used it, so it was kept."),
        _("Undo the later import first, then undo this import again."),
    ),
    "importer-undo-changed": Explanation(
        _("Changed after the import"),
        _(
            "It was changed after this import by a user or another import, so it was"
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
        _("Ask a user with these permissions to undo the import again."),
    ),
    "importer-undo-referred": Explanation(
        _("Needed by other data"),
        _("Other data refers to it, such as a room, and this data was kept."),
        _("Remove this data first, then undo the import again."),
    ),
    "importer-undo-without-import": Explanation(
        _("Import was deleted"),
        _("The import was deleted before the undo finished."),
        _("No action is possible: the journal was deleted with the import."),
    ),
}
