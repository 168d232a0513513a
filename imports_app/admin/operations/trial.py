"""Texts about what a run left: the rest, and trial runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.admin.formatting import format_number

if TYPE_CHECKING:
    from imports_app.admin.operations.guidance import GuidanceContext
    from imports_app.models import ImportOperation


def rest_text(facts: GuidanceContext) -> str:
    """Say how many records were not processed, and how to import them."""
    if not facts.unprocessed:
        return ""
    text = ngettext(
        "%s record was not processed.",
        "%s records were not processed.",
        facts.unprocessed,
    )
    advice = (
        _("Import the rest to continue with the same file and selection.")
        if facts.has_rest
        else _("The file is no longer stored. To import the rest, upload it again.")
    )
    return f"{text % format_number(facts.unprocessed)} {advice}"


def trial_texts(operation: ImportOperation, facts: GuidanceContext) -> tuple[str, str]:
    """Return meaning and advice of a trial run that is done."""
    meaning = f"{operation.trial_label}."
    if facts.failed:
        text = ngettext("%s record failed.", "%s records failed.", facts.failed)
        meaning += " " + text % format_number(facts.failed)
    if not facts.unprocessed:
        return meaning, _(
            "No messages are left to import. Review the conversations below. If"
            " something is wrong, undo the import."
        )
    if facts.is_continued:
        return meaning, _("A later import continued with the rest.")
    if not facts.has_rest:
        return meaning, rest_text(facts)
    return meaning, _(
        "Review the conversations below, then continue with the rest or undo the"
        " import."
    )
