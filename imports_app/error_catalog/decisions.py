"""Outcomes of decisions made in the review."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.entry import Explanation

_DECIDE_AGAIN: Final = _("Read the file again and change the decision.")

DECISIONS: Final = {
    "importer-decision-skip": Explanation(
        _("Skipped by decision"),
        _("A decision in the review skips this record."),
        _("To import the record, import the file again without this decision."),
    ),
    "importer-decision-target-missing": Explanation(
        _("Decision: target deleted"),
        _("The user or room of the decision was deleted before the run."),
        _DECIDE_AGAIN,
    ),
    "importer-decision-not-allowed": Explanation(
        _("Decision: no longer allowed"),
        _("The user who made the decision no longer has the required permission."),
        _("Read the file again, and let a user with the permission make the decision."),
    ),
    "importer-decision-name-taken": Explanation(
        _("Decision: name taken"),
        _("Another user or room got the name of the decision before the run."),
        _DECIDE_AGAIN,
    ),
    "importer-decision-exists": Explanation(
        _("Decision: user already exists"),
        _("The decision creates a user, but the import ID belongs to another user."),
        _DECIDE_AGAIN,
    ),
    "importer-decision-address-taken": Explanation(
        _("Decision: e-mail address taken"),
        _("Another user got the e-mail address of the decision before the run."),
        _DECIDE_AGAIN,
    ),
    "importer-decision-privacy": Explanation(
        _("Decision: room is public"),
        _("The messages of a private room would become public."),
        _DECIDE_AGAIN,
    ),
}
