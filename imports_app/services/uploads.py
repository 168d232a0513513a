"""Files that people send: stored under names of ours, whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import transaction

from imports_app.engine.receiving import Received, receive, upload_path
from imports_app.engine.work import limits
from imports_app.errors import (
    ImporterNotDefinedError,
    InvalidFileNameError,
    StorageFullError,
)
from imports_app.importers.base import ImportContext, Importer, Report
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation
from imports_app.services.operations import create_operation
from imports_app.statuses import Status
from imports_app.transitions import Actor, move_operation

logger = logging.getLogger(__name__)

_LONGEST_NAME: Final = 255


def importer_for_upload(key: str) -> type[Importer]:
    """Return the importer of this key.

    Raises:
        ImporterNotDefinedError: There is none (wire-api.md 2.1).
    """
    importer = find_importer(key)
    if importer is None:
        raise ImporterNotDefinedError.of(key, "uploadImportFile")
    return importer


def upload_file(
    *,
    actor: Actor,
    importer_key: str,
    file_name: str,
    content_type: str,
    content: Iterable[bytes],
    limit: int,
) -> ImportOperation:
    """Take a file in and start an operation with it.

    Nothing changes before the file is stored as a whole. What is in it does not matter
    here; what looks wrong about it is noted in the operation's report.

    Args:
        actor: Who sends it.
        importer_key: Who is to read it.
        file_name: Its name at the sender's; shown, and never a path of ours.
        content_type: As the sender says.
        content: The bytes.
        limit: How many bytes are taken at most.

    Raises:
        ImporterNotDefinedError: There is no such importer.
        InvalidFileNameError: The name could be a path, or is too long.
        TooLargeError: There are more bytes than the limit.
        StorageFullError: They can't be stored.
    """
    importer = importer_for_upload(importer_key)
    _check_name(file_name)
    received = receive(content, limit)
    try:
        context = ImportContext(received.path, limits())
        importer().check(context)
        return _start(
            actor, importer, file_name, content_type, received, context.report
        )
    finally:
        received.path.unlink(missing_ok=True)


def _check_name(name: str) -> None:
    if not name or name in (".", "..") or any(letter in name for letter in "/\\\0"):
        msg = f"{name!r} is no file name: send it without folders."
        raise InvalidFileNameError(msg)
    if len(name) > _LONGEST_NAME:
        msg = f"The file name has more than {_LONGEST_NAME} characters: shorten it."
        raise InvalidFileNameError(msg)


@transaction.atomic
def _start(
    actor: Actor,
    importer: type[Importer],
    file_name: str,
    content_type: str,
    received: Received,
    report: Report,
) -> ImportOperation:
    operation = create_operation(
        actor=actor, importer_key=importer.key, importer_name=importer.name
    )
    move_operation(
        operation=operation,
        to=Status.UPLOADING,
        actor=actor,
        file_name=stored_name(operation, file_name),
        content_type=content_type[:255],
    )
    move_operation(
        operation=operation,
        to=Status.FILE_LOADED,
        actor=actor,
        file_size=received.size,
        file_digest=received.digest,
        report=report.as_json(),
    )
    try:
        received.path.replace(upload_path(operation))
    except OSError as error:
        raise StorageFullError from error
    return operation


def stored_name(operation: ImportOperation, file_name: str) -> str:
    """Return the wire's `file`: its date counts months from 0 (wire-api.md 3.1)."""
    return f"{_date(operation.created_at)}_{operation.user_id}_{file_name}"


def _date(at: datetime) -> str:
    parts = (at.year, at.month - 1, at.day, at.hour, at.minute, at.second)
    return "".join(map(str, parts))
