"""State guidance: what the state of an import means, what to do next, and buttons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.admin.formatting import format_number
from imports_app.admin.links import step_of
from imports_app.admin.report.check_report import has_problems
from imports_app.error_catalog import Explanation, explanation_of
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation
from imports_app.statuses import FINISHED, IMPORTING, PREPARING, Status


@dataclass(frozen=True, slots=True)
class GuidanceContext:
    """Facts that the guidance depends on besides the operation itself."""

    is_stalled: bool
    failed: int
    """Failed records that are still stored."""
    imported: int
    """Records that were imported or updated."""
    found: int
    has_pending_files: bool
    """Whether files of messages, of any import, have not been downloaded yet."""
    has_pending_avatars: bool


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
_DOWNLOAD: Final = Button(gettext_lazy("Download failed records"), "failures")
_FILES: Final = Button(gettext_lazy("Download files"), "files", is_of_operation=False)
_AVATARS: Final = Button(
    gettext_lazy("Download avatars"), "avatars", is_of_operation=False
)


def guidance_for(operation: ImportOperation, facts: GuidanceContext) -> Guidance:
    """Return the guidance for the operation's state."""
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
    importer = find_importer(operation.importer_key)
    if facts.failed:
        meaning = ngettext(
            "Finished with %s failed record.",
            "Finished with %s failed records.",
            facts.failed,
        )
        return Guidance(
            meaning % format_number(facts.failed),
            _(
                "Review the reasons below. Retry the failed records, or download them,"
                " correct them and import that file."
            ),
            (_RETRY, _DOWNLOAD, _NEW_IMPORT_SECONDARY),
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


def _done_without_failures(
    operation: ImportOperation, facts: GuidanceContext
) -> Guidance:
    meaning, advice, tone = _("Finished without errors."), "", "good"
    buttons: tuple[Button, ...] = ()
    if has_problems(operation):
        meaning = _("Finished without failed records, but the source has problems.")
        advice = _("Review the problems in the check report below.")
        tone = "mixed"
    elif operation.report.get("guesses"):
        meaning = _("Finished without errors. Some values were guessed.")
        advice = _("Review the guesses in the check report below.")
    if facts.imported and (facts.has_pending_files or facts.has_pending_avatars):
        pending = (
            (_FILES, facts.has_pending_files),
            (_AVATARS, facts.has_pending_avatars),
        )
        meaning = f"{meaning} {_('Some files or avatars are not downloaded yet.')}"
        advice = f"{advice} {_('Download them before their URLs expire.')}".strip()
        buttons = tuple(button for button, is_pending in pending if is_pending)
    return Guidance(
        meaning,
        advice or _("No action needed. The results are below."),
        buttons,
        tone,
    )


def _failed(operation: ImportOperation, facts: GuidanceContext) -> Guidance:
    explanation = explanation_of(operation.error_code)
    corrections = (_RETRY, _DOWNLOAD) if facts.failed else ()
    return Guidance(
        _("Failed: %s") % _sentences(explanation),
        str(explanation.hint),
        (*corrections, _NEW_IMPORT_SECONDARY) if corrections else (_NEW_IMPORT,),
        "bad",
    )


def _cancelled(operation: ImportOperation, facts: GuidanceContext) -> Guidance:
    corrections = (_RETRY, _DOWNLOAD) if facts.failed else ()
    buttons = (*corrections, _NEW_IMPORT_SECONDARY) if corrections else (_NEW_IMPORT,)
    if operation.status == Status.CANCELLED or operation.error_code:
        explanation = explanation_of(operation.error_code or "importer-cancelled")
        return Guidance(_sentences(explanation), str(explanation.hint), buttons)
    return Guidance(
        _("Cancelled, or replaced by a newer import."),
        _("To import the rest, import the file again. Records are not duplicated."),
        buttons,
    )


def _sentences(explanation: Explanation) -> str:
    return f"{explanation.title}. {explanation.meaning}"


def is_over(operation: ImportOperation) -> bool:
    """Return whether the operation has ended, so that no worker continues it."""
    return not operation.is_valid or operation.status in FINISHED
