"""Statuses of import operations, their groups and the allowed transitions.

Source: wire-api.md 3.2, 3.4 and 3.6.
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Status of an operation; the values are Rocket.Chat's."""

    NEW = "importer_new", _("New")
    UPLOADING = "importer_uploading", _("Uploading")
    DOWNLOADING_FILE = "importer_downloading_file", _("Downloading")
    FILE_LOADED = "importer_file_loaded", _("File loaded")
    PREPARING_STARTED = "importer_preparing_started", _("Preparing")
    PREPARING_USERS = "importer_preparing_users", _("Preparing users")
    PREPARING_CHANNELS = "importer_preparing_channels", _("Preparing rooms")
    PREPARING_MESSAGES = "importer_preparing_messages", _("Preparing messages")
    PREPARING_CONTACTS = "importer_preparing_contacts", _("Preparing contacts")
    USER_SELECTION = "importer_user_selection", _("Waiting for review")
    IMPORTING_STARTED = "importer_importing_started", _("Importing")
    IMPORTING_USERS = "importer_importing_users", _("Importing users")
    IMPORTING_CHANNELS = "importer_importing_channels", _("Importing rooms")
    IMPORTING_MESSAGES = "importer_importing_messages", _("Importing messages")
    IMPORTING_CONTACTS = "importer_importing_contacts", _("Importing contacts")
    IMPORTING_FILES = "importer_importing_files", _("Importing files")
    FINISHING = "importer_finishing", _("Finishing")
    DONE = "importer_done", _("Completed")
    FAILED = "importer_import_failed", _("Failed")
    CANCELLED = "importer_import_cancelled", _("Cancelled")


PREPARING: Final = frozenset(
    {
        Status.PREPARING_STARTED,
        Status.PREPARING_USERS,
        Status.PREPARING_CHANNELS,
        Status.PREPARING_MESSAGES,
        Status.PREPARING_CONTACTS,
    }
)
IMPORTING: Final = frozenset(
    {
        Status.IMPORTING_STARTED,
        Status.IMPORTING_USERS,
        Status.IMPORTING_CHANNELS,
        Status.IMPORTING_MESSAGES,
        Status.IMPORTING_CONTACTS,
        Status.IMPORTING_FILES,
        Status.FINISHING,
    }
)
LOADING: Final = PREPARING | {
    Status.UPLOADING,
    Status.DOWNLOADING_FILE,
    Status.FILE_LOADED,
}
CANCELLED_CODE: Final = "importer-cancelled"
"""Error code of an operation that was cancelled."""
FINISHED: Final = frozenset({Status.DONE, Status.FAILED, Status.CANCELLED})
RUNNING: Final = PREPARING | IMPORTING | {Status.UPLOADING, Status.DOWNLOADING_FILE}
"""Statuses in which the server works on the operation."""


UNDO_KEY: Final = "undo"
"""Key of the importer whose operations undo others."""


class UndoState(models.TextChoices):
    """Whether an import can be undone, or has been."""

    NONE = "", _("no journal")
    """It has not run, or an older release ran it without a journal."""
    AVAILABLE = "available", _("can be undone")
    EXPIRED = "expired", _("journal deleted")
    PARTLY = "partly", _("partly undone")
    """Undo has begun, was stopped, or kept some rows."""
    UNDONE = "undone", _("undone")


class State(models.TextChoices):
    """State in `import.status`, derived from status and validity."""

    NEW = "new", _("New")
    LOADING = "loading", _("Loading")
    READY = "ready", _("Ready")
    IMPORTING = "importing", _("Importing")
    DONE = "done", _("Done")
    ERROR = "error", _("Error")
    CANCELED = "canceled", _("Cancelled")


STATUSES_OF: Final[dict[State, frozenset[Status]]] = {
    State.NEW: frozenset({Status.NEW}),
    State.LOADING: LOADING,
    State.READY: frozenset({Status.USER_SELECTION}),
    State.IMPORTING: IMPORTING,
    State.DONE: frozenset({Status.DONE}),
    State.ERROR: frozenset({Status.FAILED}),
    State.CANCELED: frozenset({Status.CANCELLED}),
}
_STATE_OF: Final = {
    status: state for state, statuses in STATUSES_OF.items() for status in statuses
}


def state_of(status: Status, *, is_valid: bool) -> State:
    """Return the state; an invalid operation that is not done has an error."""
    if not is_valid and status != Status.DONE:
        return State.ERROR
    return _STATE_OF[status]


# A run goes through its phases in order and may skip some.
_PREPARING_ORDER: Final = (
    Status.PREPARING_STARTED,
    Status.PREPARING_USERS,
    Status.PREPARING_CONTACTS,
    Status.PREPARING_CHANNELS,
    Status.PREPARING_MESSAGES,
    Status.USER_SELECTION,
)
_IMPORTING_ORDER: Final = (
    Status.IMPORTING_STARTED,
    Status.IMPORTING_USERS,
    Status.IMPORTING_CONTACTS,
    Status.IMPORTING_CHANNELS,
    Status.IMPORTING_MESSAGES,
    Status.IMPORTING_FILES,
    Status.FINISHING,
    Status.DONE,
)


def _moves() -> dict[Status, frozenset[Status]]:
    moves: dict[Status, set[Status]] = {
        Status.NEW: {
            Status.UPLOADING,
            Status.PREPARING_STARTED,
            Status.USER_SELECTION,
            Status.IMPORTING_STARTED,  # an undo has nothing to read or select
        },
        Status.UPLOADING: {Status.FILE_LOADED, Status.DOWNLOADING_FILE, Status.FAILED},
        Status.DOWNLOADING_FILE: {Status.FILE_LOADED, Status.FAILED},
        Status.FILE_LOADED: {Status.PREPARING_STARTED, Status.FAILED},
        Status.USER_SELECTION: {Status.USER_SELECTION, Status.IMPORTING_STARTED},
    }
    for finished in FINISHED:
        moves[finished] = {Status.USER_SELECTION}
    for order in (_PREPARING_ORDER, _IMPORTING_ORDER):
        for index, status in enumerate(order[:-1]):
            later = order[index + 1 :]
            moves.setdefault(status, set()).update(later, {Status.FAILED})
    # A run whose plan has changed returns to the review.
    moves[Status.IMPORTING_STARTED].add(Status.USER_SELECTION)
    # Pending files and avatars have no selection (wire-api.md 2.7).
    moves[Status.PREPARING_STARTED] |= {Status.IMPORTING_FILES, Status.DONE}
    return {status: frozenset(targets) for status, targets in moves.items()}


MOVES: Final = _moves()
"""Allowed transitions: target statuses by current status."""


def allowed_sources(target: Status) -> frozenset[Status]:
    """Return the statuses from which an operation may move to the target."""
    return frozenset(status for status, targets in MOVES.items() if target in targets)
