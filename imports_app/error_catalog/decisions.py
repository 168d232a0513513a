"""Outcomes of decisions of people."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.entry import Explanation

_DECIDE_AGAIN: Final = _("Read the file again and decide again.")

DECISIONS: Final = {
    "importer-decision-skip": Explanation(
        _("Skipped by decision"),
        _("A person decided during the review to skip the record."),
        _("Import the file again without this decision to import the record."),
    ),
    "importer-decision-target-missing": Explanation(
        _("Target of the decision deleted"),
        _("The user or room of the decision was deleted before the run."),
        _DECIDE_AGAIN,
    ),
    "importer-decision-not-allowed": Explanation(
        _("Decision not allowed any more"),
        _("The person who made the decision lost the required permission."),
        _("Read the file again. Another person has to decide."),
    ),
    "importer-decision-name-taken": Explanation(
        _("Decided name taken"),
        _("Another user or room got the name of the decision before the run."),
        _DECIDE_AGAIN,
    ),
    "importer-decision-exists": Explanation(
        _("Decided user exists"),
        _("The decision creates a user, but the import ID belongs to another user."),
        _DECIDE_AGAIN,
    ),
    "importer-decision-address-taken": Explanation(
        _("Decided address taken"),
        _("Another user got the e-mail address of the decision before the run."),
        _DECIDE_AGAIN,
    ),
    "importer-decision-privacy": Explanation(
        _("Room of the decision is public"),
        _("The messages of a private room would become public."),
        _DECIDE_AGAIN,
    ),
}
