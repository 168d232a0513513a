"""Error catalog: the title, meaning and hint of every code that imports produce.

The message of an error names the single case. An entry explains the code in general
and can be translated.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.decisions import DECISIONS
from imports_app.error_catalog.downloads import DOWNLOADS
from imports_app.error_catalog.entry import Explanation
from imports_app.error_catalog.findings import FINDINGS
from imports_app.error_catalog.guesses import GUESSES
from imports_app.error_catalog.operations import OPERATIONS
from imports_app.error_catalog.records import RECORDS
from imports_app.error_catalog.undo import UNDO

__all__ = ["EXPLANATIONS", "Explanation", "explanation_of"]

EXPLANATIONS: Final = {
    **RECORDS,
    **DECISIONS,
    **DOWNLOADS,
    **OPERATIONS,
    **FINDINGS,
    **GUESSES,
    **UNDO,
}
"""Entries by code; a test compares them with the codes in the source."""

_UNKNOWN: Final = Explanation(
    _("Unknown error code"),
    _("This version of the server has no explanation for the code."),
    _("See the error message for details."),
)


def explanation_of(code: str) -> Explanation:
    """Return the entry of a code, or a fallback for a code of another version."""
    return EXPLANATIONS.get(code, _UNKNOWN)
