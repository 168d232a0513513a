"""Guidance on undo: for imports that can be or were undone, and for the undo itself."""

from __future__ import annotations

from django.utils.translation import gettext as _

from imports_app.models import ImportOperation
from imports_app.services.undo import why_not_undoable
from imports_app.statuses import Status, UndoState


def undo_note_for(operation: ImportOperation) -> str:
    """Return why an import can no longer be undone; empty if it can or was."""
    if operation.undo_state == UndoState.EXPIRED:
        return why_not_undoable(operation)
    return ""


def undone_texts(operation: ImportOperation) -> tuple[str, str] | None:
    """Return meaning and advice of an import that was undone; `None` for others."""
    if operation.undo_state == UndoState.UNDONE:
        return (
            _(
                "This import was undone. Everything it created was removed, and"
                " everything it changed was restored."
            ),
            _("To import the file again, start a new import."),
        )
    if operation.undo_state == UndoState.PARTLY:
        return (
            _("This import is partly undone."),
            why_not_undoable(operation)
            or _(
                "Some data was kept, or the undo has not finished. Open the undo to"
                " see which data was kept, and why."
            ),
        )
    return None


def running_meaning() -> str:
    """Return what a running undo does."""
    return _(
        "A worker is undoing the import. If you cancel, it stays partly undone, and you"
        " can continue later."
    )


def ended_texts(operation: ImportOperation) -> tuple[str, str, str]:
    """Return meaning, advice and tone of an undo that has ended."""
    parent = operation.parent
    is_whole = parent is not None and parent.undo_state == UndoState.UNDONE
    if operation.status != Status.DONE:
        return (
            _("The undo ended early. Data undone so far stays undone."),
            _("Undo the rest to continue."),
            "mixed",
        )
    if is_whole:
        return (
            _("Finished. Everything that the import created or changed is undone."),
            _("No action needed."),
            "good",
        )
    return (
        _("Finished. Some data was kept."),
        _("Resolve the reasons listed below, then undo the rest."),
        "mixed",
    )
