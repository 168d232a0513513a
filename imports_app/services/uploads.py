"""Files that people send: stored under names of ours, whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import transaction
from django.http import HttpRequest

from config.server.bodies import received_body
from imports_app.engine.receiving import (
    Content,
    Received,
    borrow,
    receive,
    refuse_what_has_no_room,
    upload_path,
)
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
from imports_app.sources.bodies import body_chunks
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


def refuse_upload(*, importer_key: str, file_name: str, size: int, limit: int) -> None:
    """Tell before anything is sent why a file would not be taken in, if so.

    Raises:
        ImporterNotDefinedError: There is no such importer.
        InvalidFileNameError: The name could be a path, or is too long.
        TooLargeError: It has more bytes than the limit.
        StorageFullError: There is no room for it.
    """
    importer_for_upload(importer_key)
    _check_name(file_name)
    refuse_what_has_no_room(size, limit)


def body_of(request: HttpRequest) -> Content:
    """Return a request's body: the file that it is in already, or its parts."""
    body = received_body(request)
    if body is not None and body.is_in_file:
        return body
    return body_chunks(request, request.META.get("CONTENT_LENGTH"))


def upload_file(
    *,
    actor: Actor,
    importer_key: str,
    file_name: str,
    content_type: str,
    content: Content,
    limit: int,
    may_replace: Collection[int] | None = None,
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
        may_replace: As for `create_operation`.

    Raises:
        ImporterNotDefinedError: There is no such importer.
        InvalidFileNameError: The name could be a path, or is too long.
        TooLargeError: There are more bytes than the limit.
        StorageFullError: They can't be stored.
        OperationGoingOnError: Another one is going on.
    """
    importer_for_upload(importer_key)
    _check_name(file_name)
    return start_with_file(
        actor=actor,
        importer_key=importer_key,
        file_name=file_name,
        content_type=content_type,
        received=receive(content, limit),
        may_replace=may_replace,
    )


def start_with_file(
    *,
    actor: Actor,
    importer_key: str,
    file_name: str,
    content_type: str,
    received: Received,
    may_replace: Collection[int] | None = None,
    sent_by: str | None = None,
) -> ImportOperation:
    """Start an operation with a file that is here already, and becomes its own.

    Args:
        actor: Who sends it.
        importer_key: Who is to read it.
        file_name: Its name at the sender's.
        content_type: As the sender says.
        received: The file; it is gone if this fails.
        may_replace: As for `create_operation`.
        sent_by: As for `create_operation`.

    Raises:
        ImporterNotDefinedError: There is no such importer.
        InvalidFileNameError: The name could be a path, or is too long.
        StorageFullError: It can't be stored.
        OperationGoingOnError: Another one is going on.
    """
    try:
        importer = importer_for_upload(importer_key)
        _check_name(file_name)
        context = ImportContext(received.path, limits())
        importer().check(context)
        return _start(
            *(actor, importer, file_name, content_type, received),
            report=context.report,
            may_replace=may_replace,
            sent_by=sent_by,
        )
    finally:
        received.path.unlink(missing_ok=True)


def read_as(
    *,
    operation: ImportOperation,
    importer_key: str,
    actor: Actor,
    may_replace: Collection[int] = (),
) -> ImportOperation:
    """Start an operation with the file of another, for another importer.

    Args:
        operation: Whose file it is; the new one may take its place.
        importer_key: Who is to read it.
        actor: Who asks for it.
        may_replace: The keys of others whose place it may take.

    Raises:
        ImporterNotDefinedError: There is no such importer.
        FileGoneError: The server does not have the file any more.
        StorageFullError: It can't be stored.
        OperationGoingOnError: Another one is going on.
    """
    return start_with_file(
        actor=actor,
        importer_key=importer_key,
        file_name=sent_name(operation),
        content_type=operation.content_type,
        received=borrow(operation),
        may_replace=[operation.pk, *may_replace],
        sent_by=operation.sent_by,
    )


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
    *,
    report: Report,
    may_replace: Collection[int] | None,
    sent_by: str | None,
) -> ImportOperation:
    operation = create_operation(
        actor=actor,
        importer_key=importer.key,
        importer_name=importer.name,
        may_replace=may_replace,
        sent_by=sent_by,
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


def has_file(operation: ImportOperation) -> bool:
    """Tell whether the operation's file is whole, and still here."""
    return bool(operation.file_digest) and upload_path(operation).is_file()


def sent_name(operation: ImportOperation) -> str:
    """Return the name that the file had at the sender's."""
    return operation.file_name.partition(f"_{operation.user_id}_")[2]


def _date(at: datetime) -> str:
    parts = (at.year, at.month - 1, at.day, at.hour, at.minute, at.second)
    return "".join(map(str, parts))
