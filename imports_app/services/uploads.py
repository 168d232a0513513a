"""Files that people send: stored under names of ours, whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import transaction
from django.http import HttpRequest

from config.server.bodies import received_body
from imports_app.engine.jobs import limits
from imports_app.errors import (
    ImporterNotDefinedError,
    InvalidFileNameError,
    StorageFullError,
)
from imports_app.importers.base import ImportContext, Importer
from imports_app.importers.reading_options import DETECTED, ReadingOptions
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation
from imports_app.services.operations import create_operation
from imports_app.services.reading_options import (
    refuse_options,
    remember_columns,
    with_remembered,
)
from imports_app.statuses import Status
from imports_app.transitions import Actor, move_operation
from imports_app.uploads.quota import check_quota
from imports_app.uploads.request_bodies import body_chunks
from imports_app.uploads.storage import (
    Content,
    Received,
    check_upload_size,
    link_file,
    receive,
    upload_path,
)

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


def refuse_upload(
    *,
    actor: Actor,
    importer_key: str,
    file_name: str,
    size: int,
    limit: int,
    options: ReadingOptions = DETECTED,
) -> None:
    """Refuse a file that would not be stored, before it is sent.

    Raises:
        ImporterNotDefinedError: There is no such importer.
        InvalidOptionError: It has no such option.
        InvalidFileNameError: The name could be a path, or is too long.
        TooLargeError: It has more bytes than the limit.
        StorageFullError: There is no room for it.
        UploadQuotaError: The sender's uploads take as much as they may.
    """
    refuse_options(importer_for_upload(importer_key), options)
    _check_name(file_name)
    check_upload_size(size, limit)
    check_quota(actor.user, size=size)


def refuse_over_quota(actor: Actor) -> None:
    """Refuse any file of a user whose uploads take as much as they may.

    Raises:
        UploadQuotaError: They do.
    """
    check_quota(actor.user)


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
    options: ReadingOptions = DETECTED,
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
        options: How the file is to be read.

    Raises:
        ImporterNotDefinedError: There is no such importer.
        InvalidOptionError: It has no such option.
        InvalidFileNameError: The name could be a path, or is too long.
        TooLargeError: There are more bytes than the limit.
        StorageFullError: They can't be stored.
        UploadQuotaError: The sender's uploads take as much as they may.
        OperationGoingOnError: Another one is going on.
    """
    refuse_options(importer_for_upload(importer_key), options)
    _check_name(file_name)
    check_quota(actor.user)
    return start_with_file(
        actor=actor,
        importer_key=importer_key,
        file_name=file_name,
        content_type=content_type,
        received=receive(content, limit),
        may_replace=may_replace,
        options=options,
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
    options: ReadingOptions = DETECTED,
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
        options: How the file is to be read.

    Raises:
        ImporterNotDefinedError: There is no such importer.
        InvalidOptionError: It has no such option.
        InvalidFileNameError: The name could be a path, or is too long.
        StorageFullError: It can't be stored.
        UploadQuotaError: The sender's uploads take as much as they may.
        OperationGoingOnError: Another one is going on.
    """
    try:
        importer = importer_for_upload(importer_key)
        refuse_options(importer, options)
        _check_name(file_name)
        remember_columns(received.path, options, actor.user)
        options = with_remembered(importer, options, actor.user)
        context = ImportContext(received.path, limits(), options=options)
        importer().check(context)
        return _start(
            *(actor, importer, file_name, content_type, received),
            context=context,
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
    options: ReadingOptions = DETECTED,
) -> ImportOperation:
    """Start an operation with the file of another, to be read in another way.

    Args:
        operation: Whose file it is; the new one may take its place.
        importer_key: Who is to read it.
        actor: Who asks for it.
        may_replace: The keys of others whose place it may take.
        options: How the file is to be read.

    Raises:
        ImporterNotDefinedError: There is no such importer.
        FileGoneError: The server does not have the file any more.
        StorageFullError: It can't be stored.
        UploadQuotaError: The user's uploads take as much as they may.
        OperationGoingOnError: Another one is going on.
    """
    return start_with_file(
        actor=actor,
        importer_key=importer_key,
        file_name=sent_name(operation),
        content_type=operation.content_type,
        received=link_file(operation),
        may_replace=[operation.pk, *may_replace],
        sent_by=operation.sent_by,
        options=options,
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
    context: ImportContext,
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
    # Asked again: now no other upload can end at the same time.
    check_quota(actor.user, size=received.size, path=received.path)
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
        report=context.report.as_json(),
        reading_options=context.options.as_json(),
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
