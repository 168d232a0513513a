"""What the codes of imports mean, for people: a title, a sentence, a hint.

The messages that come with a code name the case; these say what it is about and what
to do, and can be translated.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.downloads import DOWNLOADS
from imports_app.error_catalog.entry import Explanation
from imports_app.error_catalog.findings import FINDINGS
from imports_app.error_catalog.guesses import GUESSES
from imports_app.error_catalog.operations import OPERATIONS
from imports_app.error_catalog.records import RECORDS

__all__ = ["EXPLANATIONS", "Explanation", "explanation_of"]

EXPLANATIONS: Final = {
    **RECORDS,
    **DOWNLOADS,
    **OPERATIONS,
    **FINDINGS,
    **GUESSES,
}
"""By code; a test compares them with the code base."""

_UNKNOWN: Final = Explanation(
    _("Another reason"),
    _("This release has no explanation for the code."),
    _("Read the message that comes with it."),
)


def explanation_of(code: str) -> Explanation:
    """Return what a code means; one of another release has no explanation here."""
    return EXPLANATIONS.get(code, _UNKNOWN)
