"""State guidance: what the state of an import means, what to do next, and buttons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.admin.formatting import format_number
from imports_app.admin.links import step_of
from imports_app.admin.operations.trial import rest_text, trial_texts
from imports_app.admin.report.check_report import has_problems
from imports_app.admin.undo.guidance import ended_texts, running_meaning, undone_texts
from imports_app.error_catalog import Explanation, explanation_of
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation
from imports_app.statuses import FINISHED, IMPORTING, PREPARING, Status, UndoState


@dataclass(frozen=True, slots=True)
class GuidanceContext:
    """Facts that the guidance depends on besides the operation itself."""

    is_stalled: bool
    failed: int
    """Failed records that are still stored."""
    retriable: int
    """Those that could be read, so that they can be retried."""
    imported: int
    """Records that were imported, updated or left unchanged."""
    found: int
    has_pending_files: bool
    """Whether files of messages, of any import, have not been downloaded yet."""
    has_pending_avatars: bool
    unprocessed: int = 0
    """Records that a run did not reach before it ended."""
    has_rest: bool = False
    """Whether these can be imported from the file that is still stored."""
    is_continued: bool = False
    """Whether a later import has imported them, or will."""


@dataclass(frozen=True, slots=True)
class Action:
    """Button of one operation, with the URL of its page."""

    label: Any
    step: str
    href: str
    is_primary: bool
    dialog: str


@dataclass(frozen=True, slots=True)
class Button:
    """Button that leads to a page where the user acts on the operation."""

    label: Any
    step: str
    """Name of the page, such as `cancel`."""
    is_primary: bool = False
    is_of_operation: bool = True
    """Whether the page acts on this operation, unlike that of a new import."""
    dialog: str = ""
    """Id of the dialog that replaces the page if JavaScript is enabled."""

    def action_for(self, operation: ImportOperation) -> Action:
        """Return the button with its URL for one operation."""
        if self.is_of_operation:
            href = step_of(operation, self.step)
        else:
            href = reverse(f"admin:imports_app_importoperation_{self.step}_page")
        return Action(self.label, self.step, href, self.is_primary, self.dialog)


@dataclass(frozen=True, slots=True)
class Guidance:
    """Meaning of a state, advice, and buttons."""

    meaning: str
    advice: str
    buttons: tuple[Button, ...] = ()
    tone: str = ""
    """`good`, `mixed`, `bad` or empty, as in the CSS classes."""


_NEW_IMPORT: Final = Button(
    gettext_lazy("New import"), "new", is_primary=True, is_of_operation=False
)
_NEW_IMPORT_SECONDARY: Final = Button(
    gettext_lazy("New import"), "new", is_of_operation=False
)
_READ: Final = Button(gettext_lazy("Read the file"), "read", is_primary=True)
_SELECT: Final = Button(gettext_lazy("Review and import"), "select", is_primary=True)
_CANCEL: Final = Button(gettext_lazy("Cancel import"), "cancel", dialog="cancel-dialog")
_RETRY: Final = Button(gettext_lazy("Retry failed records"), "retry", is_primary=True)
_REST: Final = Button(gettext_lazy("Import the rest"), "rest", is_primary=True)
_CONTINUE: Final = replace(_REST, label=gettext_lazy("Continue with the rest"))
_DOWNLOAD: Final = Button(gettext_lazy("Download failed records"), "failures")
_DOWNLOAD_FIRST: Final = replace(_DOWNLOAD, is_primary=True)
_LIST: Final = Button(gettext_lazy("List failed records"), "records")
_UNDO: Final = Button(gettext_lazy("Undo import"), "undo")
_UNDO_REST: Final = Button(gettext_lazy("Undo the rest"), "undo")
_FILES: Final = Button(gettext_lazy("Download files"), "files", is_of_operation=False)
_AVATARS: Final = Button(
    gettext_lazy("Download avatars"), "avatars", is_of_operation=False
)


def guidance_for(operation: ImportOperation, facts: GuidanceContext) -> Guidance:
    """Return the guidance for the operation's state."""
    if operation.is_undo and is_over(operation):
        return _undo_ended(operation)
    if (undone := undone_texts(operation)) is not None:
        return _undone(operation, *undone)
    guidance = _guidance_for(operation, facts)
    if is_over(operation) and operation.undo_state == UndoState.AVAILABLE:
        return replace(guidance, buttons=(*guidance.buttons, _UNDO))
    return guidance


def _undone(operation: ImportOperation, meaning: str, advice: str) -> Guidance:
    if operation.undo_state == UndoState.UNDONE:
        return Guidance(meaning, advice, (_NEW_IMPORT,))
    buttons = (_UNDO_REST, _NEW_IMPORT_SECONDARY)
    return Guidance(meaning, advice, buttons, "mixed")


def _undo_ended(operation: ImportOperation) -> Guidance:
    meaning, advice, tone = ended_texts(operation)
    is_complete = tone == "good"
    return Guidance(meaning, advice, () if is_complete else (_UNDO_REST,), tone)


def _guidance_for(operation: ImportOperation, facts: GuidanceContext) -> Guidance:
    status = Status(operation.status)
    if status is Status.DONE:
        return _done(operation, facts)
    if status is Status.FAILED:
        return _failed(operation, facts)
    if not operation.is_valid or status is Status.CANCELLED:
        return _cancelled(operation, facts)
    if operation.is_running:
        return _stalled(status) if facts.is_stalled else _running(operation, status)
    return _waiting(operation, status)


def _waiting(operation: ImportOperation, status: Status) -> Guidance:
    if status is Status.FILE_LOADED:
        return Guidance(
            _("The file is uploaded but not read yet."),
            _("Read the file to see what it contains. Nothing is imported yet."),
            (_READ, _CANCEL),
        )
    if status is Status.USER_SELECTION:
        return Guidance(
            _("Ready to import. Nothing is imported yet."),
            _("Review the contents, then start the import."),
            (_SELECT, _CANCEL),
        )
    if operation.importer_key == "api":
        return Guidance(
            _("An API client created this import and has not sent any users yet."),
            _("Wait for the client, or cancel the import if it is no longer needed."),
            (_CANCEL,),
        )
    return Guidance(
        _("The import was created but has no file yet."),
        _("Start a new import with a file."),
        (_NEW_IMPORT, _CANCEL),
    )


def _running(operation: ImportOperation, status: Status) -> Guidance:
    may_leave = _("You can close this page. The import continues.")
    if status in PREPARING | IMPORTING and not operation.lease_owner:
        return Guidance(
            _("Waiting for a worker, usually a few seconds."),
            _("If it doesn't start, ask the administrator to run manage.py doctor."),
            (_CANCEL,),
        )
    if status is Status.UPLOADING:
        return Guidance(
            _("The file is being uploaded."),
            _("Wait until the upload is complete."),
            (_CANCEL,),
        )
    if status is Status.DOWNLOADING_FILE:
        meaning = _("The server is downloading the file.")
    elif status in PREPARING:
        meaning = _("A worker is reading the file. Nothing is imported yet.")
    elif operation.is_undo:
        meaning = running_meaning()
    elif status is Status.IMPORTING_FILES:
        meaning = _("A worker is downloading the files or avatars of earlier imports.")
    else:
        meaning = _(
            "A worker is importing the selected records. If you cancel, records already"
            " imported are kept."
        )
    return Guidance(meaning, may_leave, (_CANCEL,))


def _stalled(status: Status) -> Guidance:
    if status is Status.UPLOADING:
        return Guidance(
            _("Stalled: no data received for one minute."),
            _("If the upload has stopped, start a new import."),
            (_NEW_IMPORT, _CANCEL),
            "bad",
        )
    return Guidance(
        _("Stalled: no worker heartbeat for one minute. No data is lost."),
        _(
            "The next worker resumes automatically. If none does, ask the administrator"
            " to run manage.py doctor."
        ),
        (_CANCEL,),
        "bad",
    )


def _done(operation: ImportOperation, facts: GuidanceContext) -> Guidance:
    if operation.is_trial:
        return _trial_done(operation, facts)
    importer = find_importer(operation.importer_key)
    if facts.failed:
        meaning = ngettext(
            "Finished with %s failed record.",
            "Finished with %s failed records.",
            facts.failed,
        )
        notice, downloads = _pending_downloads(facts)
        return Guidance(
            " ".join(filter(None, (meaning % format_number(facts.failed), notice))),
            _corrections_text(operation, facts),
            (*_corrections(operation, facts), *downloads, _NEW_IMPORT_SECONDARY),
            "mixed",
        )
    if importer is not None and importer.fetches is not None and not facts.found:
        return Guidance(
            _("Finished: nothing to download (0 of 0)."),
            _("No action needed."),
        )
    if not facts.found and not operation.count_total:
        return Guidance(
            _("Finished: nothing to import (0 of 0 records)."),
            _("If you expected records, check the file."),
            (_NEW_IMPORT,),
        )
    return _done_without_failures(operation, facts)


def _trial_done(operation: ImportOperation, facts: GuidanceContext) -> Guidance:
    meaning, advice = trial_texts(operation, facts)
    buttons = _corrections(operation, facts)
    if facts.has_rest and not facts.is_continued:
        others = (replace(button, is_primary=False) for button in buttons)
        buttons = (_CONTINUE, *others)
    return Guidance(meaning, advice, buttons, "mixed" if facts.failed else "good")


def _done_without_failures(
    operation: ImportOperation, facts: GuidanceContext
) -> Guidance:
    meaning, advice, tone = _("Finished without errors."), "", "good"
    if has_problems(operation):
        meaning = _("Finished without failed records, but the source has problems.")
        advice = _("Review the problems in the check report below.")
        tone = "mixed"
    elif operation.report.get("guesses"):
        meaning = _("Finished without errors. Some values were guessed.")
        advice = _("Review the guesses in the check report below.")
    notice, buttons = _pending_downloads(facts)
    return Guidance(
        " ".join(filter(None, (meaning, notice))),
        advice or ("" if notice else _("No action needed. The results are below.")),
        buttons,
        tone,
    )


def _pending_downloads(facts: GuidanceContext) -> tuple[str, tuple[Button, ...]]:
    """Return a notice and buttons if files or avatars are not downloaded yet."""
    pending = (
        (_FILES, facts.has_pending_files),
        (_AVATARS, facts.has_pending_avatars),
    )
    buttons = tuple(button for button, is_pending in pending if is_pending)
    if not facts.imported or not buttons:
        return "", ()
    return (
        _(
            "Some files or avatars are not downloaded yet. Download them before their"
            " URLs expire."
        ),
        buttons,
    )


def _corrections(
    operation: ImportOperation, facts: GuidanceContext
) -> tuple[Button, ...]:
    """Return the buttons that deal with failed records; the first one is primary."""
    if not facts.failed:
        return ()
    if not can_import_again(operation):
        return (_RETRY, _LIST) if facts.retriable else (_LIST,)
    return (_RETRY, _DOWNLOAD) if facts.retriable else (_DOWNLOAD_FIRST,)


def _corrections_text(operation: ImportOperation, facts: GuidanceContext) -> str:
    """Say how many failed records can be retried, and what to do with the others."""
    texts = []
    others = facts.failed - facts.retriable
    if facts.retriable:
        texts.append(
            _(
                "%(retriable)s of %(failed)s failed records can be retried. First fix"
                " the reasons below, for example add a missing user."
            )
            % {
                "retriable": format_number(facts.retriable),
                "failed": format_number(facts.failed),
            }
        )
    if others and can_import_again(operation):
        text = ngettext(
            "%s failed record could not be read, so it can't be retried. Download the"
            " failed records, correct them and import that file.",
            "%s failed records could not be read, so they can't be retried. Download"
            " the failed records, correct them and import that file.",
            others,
        )
        texts.append(text % format_number(others))
    return " ".join(texts)


def can_import_again(operation: ImportOperation) -> bool:
    """Return whether an importer can read the archive of failed records."""
    importer = find_importer(operation.importer_key)
    return importer is None or importer.fetches is None


def _failed(operation: ImportOperation, facts: GuidanceContext) -> Guidance:
    explanation = explanation_of(operation.error_code)
    texts = (
        str(explanation.hint),
        rest_text(facts),
        _corrections_text(operation, facts),
    )
    return Guidance(
        _("Failed: %s") % _sentences(explanation),
        " ".join(filter(None, texts)),
        _buttons_after_an_end(operation, facts),
        "bad",
    )


def _buttons_after_an_end(
    operation: ImportOperation, facts: GuidanceContext
) -> tuple[Button, ...]:
    """Return the buttons of an operation that did not get to its end."""
    _notice, downloads = _pending_downloads(facts)
    corrections = _corrections(operation, facts)
    if facts.has_rest:
        others = (replace(button, is_primary=False) for button in corrections)
        corrections = (_REST, *others)
    new = _NEW_IMPORT_SECONDARY if corrections else _NEW_IMPORT
    return (*corrections, *downloads, new)


def _cancelled(operation: ImportOperation, facts: GuidanceContext) -> Guidance:
    buttons = _buttons_after_an_end(operation, facts)
    if operation.status == Status.CANCELLED or operation.error_code:
        explanation = explanation_of(operation.error_code or "importer-cancelled")
        advice = rest_text(facts) or str(explanation.hint)
        return Guidance(_sentences(explanation), advice, buttons)
    return Guidance(
        _("Cancelled, or replaced by a newer import."),
        rest_text(facts)
        or _("To import the rest, import the file again. Records are not duplicated."),
        buttons,
    )


def _sentences(explanation: Explanation) -> str:
    return f"{explanation.title}. {explanation.meaning}"


def is_over(operation: ImportOperation) -> bool:
    """Return whether the operation has ended, so that no worker continues it."""
    return not operation.is_valid or operation.status in FINISHED
