"""Arguments of `import_file`: files, users, and the import in progress."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from django.core.management import CommandError

from accounts.auth.rights import ADMIN_ROLE
from accounts.management.lookups import find_user
from accounts.models import User
from imports_app.api.selection_input import GROUPS, read_selection
from imports_app.models import MAX_TRIAL_MESSAGES, ImportOperation
from imports_app.selection.rules import EVERYTHING, Selection
from imports_app.services.review.choices import Choice
from imports_app.services.review.decision_files import MAX_BYTES, load_decisions
from imports_app.services.runs import parse_trial_messages
from imports_app.transitions import Actor

_CHUNK: Final = 1024 * 1024
_GROUP_PROPERTIES: Final = ("all", "list")


def add_reading_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments that say how a file is read."""
    parser.add_argument(
        "--delimiter",
        default="",
        help="column delimiter: comma, semicolon, tab or pipe",
    )
    parser.add_argument(
        "--encoding",
        default="",
        help="text encoding, such as utf-8 or windows-1252",
    )
    parser.add_argument(
        "--columns",
        nargs="+",
        default=[],
        metavar="TABLE.FIELD=COLUMN",
        help=(
            "column of a field as TABLE.FIELD=COLUMN, where COLUMN is a name in the"
            " first row or a number: users.email=Mail messages.time=3"
        ),
    )


def check_none_in_progress() -> None:
    """Raise an error if another import is in progress."""
    in_progress = ImportOperation.objects.in_progress()
    if in_progress is not None:
        msg = (
            f"Another import is in progress: {in_progress}"
            f" ({in_progress.overall_status.label}, started by {in_progress.user})."
            " Wait until it finishes, or pass --replace to cancel it."
        )
        raise CommandError(msg)


def trial_messages(text: str) -> int:
    """Return the number of messages of each room in a trial run."""
    number = parse_trial_messages(text)
    if number is None:
        msg = f"use a number from 1 to {MAX_TRIAL_MESSAGES:,}"
        raise ArgumentTypeError(msg)
    return number


def read_selection_option(options: dict[str, Any]) -> Selection | None:
    """Return the selection of `--all` or `--select`, or `None` without both."""
    selection = _read_selected(options)
    if selection is None:
        return None
    return replace(selection, archives_existing=options["archive_existing"])


def _check_properties(selected: dict[str, Any]) -> None:
    """Reject unknown properties, which may be misspelled. The API ignores them."""
    unknown = selected.keys() - GROUPS
    for group in selected.values():
        if isinstance(group, dict):
            unknown |= group.keys() - _GROUP_PROPERTIES
    if unknown:
        msg = (
            f"The selection has an unknown property: {min(unknown)}. Use"
            f" {', '.join(GROUPS)}, and in each of them {', '.join(_GROUP_PROPERTIES)}."
        )
        raise CommandError(msg)


def _read_selected(options: dict[str, Any]) -> Selection | None:
    if options["all"]:
        return EVERYTHING
    path = options["select"]
    if path is None:
        return None
    try:
        selected = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path} can't be read as JSON: {error}"
        raise CommandError(msg) from error
    if not isinstance(selected, dict):
        msg = f'{path} must contain an object such as {{"users": {{"all": true}}}}.'
        raise CommandError(msg)
    _check_properties(selected)
    return read_selection(selected)


def read_decisions(path: Path | None, actor: Actor) -> list[Choice] | None:
    """Return the decisions of a mapping file, or `None` without a file."""
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        msg = f"{path} can't be read: {error.strerror}."
        raise CommandError(msg) from error
    return load_decisions(content, actor.user)


def find_initiator(username: str | None) -> User:
    """Return the user who starts the import: the named one, or the first admin."""
    if username is not None:
        return find_user(username)
    admins = User.objects.filter(roles__public_id=ADMIN_ROLE, is_active=True)
    first: User | None = admins.order_by("pk").first()
    if first is None:
        msg = (
            "The server has no admin. Create one with createsuperuser, or pass --user."
        )
        raise CommandError(msg)
    return first


def read_chunks(path: Path) -> Iterator[bytes]:
    """Yield the content of a file."""
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        msg = f"{path} can't be read: {error.strerror}."
        raise CommandError(msg) from error
