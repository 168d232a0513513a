"""Form that starts a trial run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from config.admin.formatting import format_number
from imports_app.models import MAX_TRIAL_MESSAGES, ImportOperation
from imports_app.selection.query import count_trial_messages
from imports_app.selection.rules import Selection

_SUGGESTED: Final = 10


@dataclass(frozen=True, slots=True)
class TrialForm:
    """Suggested size of a trial run."""

    messages: int
    """Messages of each room."""
    most: int
    estimate: int
    """Messages that the trial run processes; a few more, if rooms are not listed."""


def trial_form(operation: ImportOperation, selection: Selection) -> TrialForm:
    """Return the form for a selection. One query."""
    number = count_trial_messages(operation.pk, selection.channels, _SUGGESTED)
    return TrialForm(_SUGGESTED, MAX_TRIAL_MESSAGES, number)


def invalid_trial_text() -> str:
    """Return the error of a number that is not valid."""
    return _("Enter a number of messages from 1 to %s.") % format_number(
        MAX_TRIAL_MESSAGES
    )
