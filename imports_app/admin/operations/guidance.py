"""What the state of an operation means, what to do next, and the buttons for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.admin.formatting import grouped
from imports_app.admin.links import step_of
from imports_app.error_catalog import Explanation, explanation_of
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation
from imports_app.statuses import FINISHED, IMPORTING, PREPARING, Status


@dataclass(frozen=True, slots=True)
class GuidanceContext:
    """What a state's help depends on besides the operation itself."""

    is_stalled: bool
    failed: int
    """Records that failed and are still kept."""
    came_in: int
    found: int
    wants_files: bool
    """Whether files of messages, here or from elsewhere, are still to be fetched."""
    wants_pictures: bool


@dataclass(frozen=True, slots=True)
class Action:
    """A button with the address of its page."""

    label: Any
    step: str
    href: str
    is_primary: bool
    dialog: str


@dataclass(frozen=True, slots=True)
class Button:
    """Something that can be done now, on a page of its own."""

    label: Any
    step: str
    """The page, such as `cancel`."""
    is_primary: bool = False
    is_of_operation: bool = True
    """Whether the page belongs to this operation."""
    dialog: str = ""
    """What asks in the page's place where there are scripts."""

    def on(self, operation: ImportOperation) -> Action:
        """Return the button as an operation's page shows it."""
        if self.is_of_operation:
            href = step_of(operation, self.step)
        else:
            href = reverse(f"admin:imports_app_importoperation_{self.step}_page")
        return Action(self.label, self.step, href, self.is_primary, self.dialog)


@dataclass(frozen=True, slots=True)
class Guidance:
    """A state in words."""

    meaning: str
    advice: str
    buttons: tuple[Button, ...] = ()
    tone: str = ""
    """`good`, `mixed`, `bad`, or nothing."""


_NEW_IMPORT: Final = Button(
    gettext_lazy("New import"), "new", is_primary=True, is_of_operation=False
)
_NEW_IMPORT_TOO: Final = Button(
    gettext_lazy("New import"), "new", is_of_operation=False
)
_READ: Final = Button(gettext_lazy("Read the file"), "read", is_primary=True)
_SELECT: Final = Button(gettext_lazy("Review and import"), "select", is_primary=True)
_CANCEL: Final = Button(gettext_lazy("Cancel"), "cancel", dialog="cancel-dialog")
_RETRY: Final = Button(gettext_lazy("Retry failures"), "retry", is_primary=True)
_DOWNLOAD: Final = Button(gettext_lazy("Download failures"), "failures")
_FILES: Final = Button(gettext_lazy("Download files"), "files", is_of_operation=False)
_PICTURES: Final = Button(
    gettext_lazy("Download avatars"), "pictures", is_of_operation=False
)


def guidance_for(operation: ImportOperation, facts: GuidanceContext) -> Guidance:
    """Return what is to be said of the operation's state."""
    status = Status(operation.status)
    if status is Status.DONE:
        return _done(operation, facts)
    if status is Status.FAILED:
        return _failed(operation, facts)
    if not operation.is_valid or status is Status.CANCELLED:
        return _ended(operation, facts)
    if operation.is_running:
        return _stalled(status) if facts.is_stalled else _running(operation, status)
    return _waiting(operation, status)


def _waiting(operation: ImportOperation, status: Status) -> Guidance:
    if status is Status.FILE_LOADED:
        return Guidance(
            _("The file is here, and nobody has looked into it yet."),
            _("Have it read. Nothing is imported yet."),
            (_READ, _CANCEL),
        )
    if status is Status.USER_SELECTION:
        return Guidance(
            _("Everything is read, and nothing is imported yet."),
            _("Select what is to come in, and start the import."),
            (_SELECT, _CANCEL),
        )
    if operation.importer_key == "api":
        return Guidance(
            _("A program has begun an import, and has not sent any users yet."),
            _("Wait for it, or cancel if it does not come back."),
            (_CANCEL,),
        )
    return Guidance(
        _("The import was begun, and has no file yet."),
        _("Start a new import with a file."),
        (_NEW_IMPORT, _CANCEL),
    )


def _running(operation: ImportOperation, status: Status) -> Guidance:
    leave = _("You may close this page: it goes on without you.")
    if status in PREPARING | IMPORTING and not operation.lease_owner:
        return Guidance(
            _("It waits for a worker, which usually comes within seconds."),
            _("If none comes, ask the server's operator to run manage.py doctor."),
            (_CANCEL,),
        )
    if status is Status.UPLOADING:
        return Guidance(
            _("The file is on its way to the server."),
            _("Wait until all of it is here."),
            (_CANCEL,),
        )
    if status is Status.DOWNLOADING_FILE:
        meaning = _("The server downloads the file from its address.")
    elif status in PREPARING:
        meaning = _("A worker reads the file. Nothing is imported yet.")
    elif status is Status.IMPORTING_FILES:
        meaning = _("A worker fetches what earlier imports left as links.")
    else:
        meaning = _("A worker imports what was selected. Cancelling keeps what is in.")
    return Guidance(meaning, leave, (_CANCEL,))


def _stalled(status: Status) -> Guidance:
    if status is Status.UPLOADING:
        return Guidance(
            _("Stalled: nothing of the file has arrived for a minute."),
            _("If nobody is uploading any more, start a new import."),
            (_NEW_IMPORT, _CANCEL),
            "bad",
        )
    return Guidance(
        _("Stalled: nobody has worked on it for a minute. Nothing is lost."),
        _(
            "The next worker goes on where the last one stopped, by itself. If none"
            " comes, ask the server's operator to run manage.py doctor."
        ),
        (_CANCEL,),
        "bad",
    )


def _done(operation: ImportOperation, facts: GuidanceContext) -> Guidance:
    importer = find_importer(operation.importer_key)
    if facts.failed:
        text = ngettext(
            "Every record was tried, and %s failed.",
            "Every record was tried, and %s failed.",
            facts.failed,
        )
        return Guidance(
            text % grouped(facts.failed),
            _(
                "Below is why. Retry what was not the records' fault. Correct the"
                " others in the downloaded archive, and import that."
            ),
            (_RETRY, _DOWNLOAD, _NEW_IMPORT_TOO),
            "mixed",
        )
    if importer is not None and importer.fetches is not None and not facts.found:
        return Guidance(
            _("Done. There was nothing to fetch, or nothing was counted: 0 of 0."),
            _("There is nothing to do."),
        )
    if not facts.found and not operation.count_total:
        return Guidance(
            _("Done, with nothing to import: 0 of 0 records."),
            _("If there should have been something, look at the file."),
            (_NEW_IMPORT,),
        )
    if facts.came_in and (facts.wants_files or facts.wants_pictures):
        wanted = ((_FILES, facts.wants_files), (_PICTURES, facts.wants_pictures))
        return Guidance(
            _("Every record was tried, and none failed. Some files are still links."),
            _("Fetch them before their addresses run out."),
            tuple(button for button, is_wanted in wanted if is_wanted),
            "good",
        )
    return Guidance(
        _("Every record was tried, and none failed."),
        _("There is nothing to do. Below is what came in."),
        tone="good",
    )


def _failed(operation: ImportOperation, facts: GuidanceContext) -> Guidance:
    explanation = explanation_of(operation.error_code)
    mending = (_RETRY, _DOWNLOAD) if facts.failed else ()
    return Guidance(
        _("Failed. %s") % _in_words(explanation),
        str(explanation.hint),
        (*mending, _NEW_IMPORT_TOO) if mending else (_NEW_IMPORT,),
        "bad",
    )


def _ended(operation: ImportOperation, facts: GuidanceContext) -> Guidance:
    mending = (_RETRY, _DOWNLOAD) if facts.failed else ()
    buttons = (*mending, _NEW_IMPORT_TOO) if mending else (_NEW_IMPORT,)
    if operation.status == Status.CANCELLED or operation.error_code:
        explanation = explanation_of(operation.error_code or "importer-cancelled")
        return Guidance(_in_words(explanation), str(explanation.hint), buttons)
    return Guidance(
        _(
            "It can't be used any more: a later import took its place, or somebody"
            " ended it."
        ),
        _("To bring it in, start a new import: nothing is doubled."),
        buttons,
    )


def _in_words(explanation: Explanation) -> str:
    return f"{explanation.title}. {explanation.meaning}"


def is_over(operation: ImportOperation) -> bool:
    """Tell whether nothing more will happen to the operation by itself."""
    return not operation.is_valid or operation.status in FINISHED
