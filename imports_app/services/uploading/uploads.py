"""Uploads: validate a file, store it completely or not at all, start an import."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from config.db.ids import new_public_id
from config.errors import DomainError
from config.server.bodies import received_body
from imports_app.engine.jobs import limits
from imports_app.errors import (
    ImporterNotDefinedError,
    InvalidFileNameError,
    StorageFullError,
)
from imports_app.importers.base import ImportContext, Importer, Report
from imports_app.importers.csv.archive import CsvImporter
from imports_app.importers.detection.kinds import DETECTED_KIND, Detection
from imports_app.importers.detection.source import detect_source
from imports_app.importers.reading_options import DETECTED, ReadingOptions
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation
from imports_app.selection.rules import Selection
from imports_app.services.operations import create_operation
from imports_app.services.uploading.reading_options import (
    add_remembered_columns,
    check_options,
    remember_columns,
)
from imports_app.statuses import Status
from imports_app.transitions import Actor, move_operation
from imports_app.uploads.incoming import (
    Content,
    Received,
    check_upload_size,
    receive,
)
from imports_app.uploads.quota import check_quota
from imports_app.uploads.request_bodies import body_chunks
from imports_app.uploads.storage import (
    link_file,
    place_file,
    share_file,
    withdraw_file,
)

logger = logging.getLogger(__name__)

_LONGEST_NAME: Final = 255


def importer_for_upload(key: str) -> type[Importer]:
    """Return the importer of this key.

    Raises:
        ImporterNotDefinedError: No importer has this key (wire-api.md 2.1).
    """
    importer = find_importer(key)
    if importer is None:
        raise ImporterNotDefinedError.of(key, "uploadImportFile")
    return importer


def detect_importer(
    path: Path, options: ReadingOptions, user: User | None, file_name: str = ""
) -> Detection:
    """Detect the importer of a file by its content.

    Args:
        path: The file.
        options: Reading options of the uploader.
        user: The uploader, whose earlier column assignments are recognized.
        file_name: The original name.

    Raises:
        SourceError: The file is not recognized, is ambiguous, or can't be imported.
    """
    options = add_remembered_columns(CsvImporter, options, user)
    return detect_source(path, limits(), options, file_name)


def check_upload(
    *,
    actor: Actor,
    importer_key: str,
    file_name: str,
    size: int,
    limit: int,
    options: ReadingOptions = DETECTED,
) -> None:
    """Check whether a file will be accepted, before it is uploaded.

    Args:
        actor: Who uploads the file.
        importer_key: Key of the importer; empty to detect it after the upload.
        file_name: The original name.
        size: The file's size in bytes.
        limit: Maximum size in bytes.
        options: Options for reading the file.

    Raises:
        ImporterNotDefinedError: No importer has this key.
        InvalidOptionError: The importer does not support an option.
        InvalidFileNameError: The name contains a path or is too long.
        TooLargeError: The file is larger than the limit.
        StorageFullError: The disk has no space for it.
        UploadQuotaError: The user's upload quota is exceeded.
    """
    if importer_key:
        check_options(importer_for_upload(importer_key), options)
    _check_name(file_name)
    check_upload_size(size, limit)
    check_quota(actor.user, size=size)


def check_upload_quota(actor: Actor) -> None:
    """Check whether a user may upload more files.

    Raises:
        UploadQuotaError: The upload quota is exceeded.
    """
    check_quota(actor.user)


def request_content(request: HttpRequest) -> Content:
    """Return a request's body, as a stored file or as chunks."""
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
    """Store a file and start an operation with it.

    The operation is created after the file is stored completely. Problems with its
    content don't fail the upload; they are added to the operation's report.

    Args:
        actor: Who uploads the file.
        importer_key: Key of the importer that reads the file; empty to detect it.
        file_name: The original name; only shown, never used as a path.
        content_type: The media type that the client sent.
        content: The file's content.
        limit: Maximum size in bytes.
        may_replace: As for `create_operation`.
        options: Options for reading the file.

    Raises:
        ImporterNotDefinedError: No importer has this key.
        SourceError: The importer can't be detected.
        InvalidOptionError: The importer does not support an option.
        InvalidFileNameError: The name contains a path or is too long.
        TooLargeError: The file is larger than the limit.
        StorageFullError: The file can't be stored.
        StorageUnavailableError: The shared storage is unavailable.
        UploadQuotaError: The user's upload quota is exceeded.
        OperationInProgressError: Another import is active.
    """
    if importer_key:
        check_options(importer_for_upload(importer_key), options)
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
    claim: Callable[[ImportOperation], None] | None = None,
    rest_of: ImportOperation | None = None,
) -> ImportOperation:
    """Start an operation with a file that is already on the server.

    Args:
        actor: Who uploads the file.
        importer_key: Key of the importer that reads the file; empty to detect it.
        file_name: The original name.
        content_type: The media type that the client sent.
        received: The file; it is moved on success and removed on failure.
        may_replace: As for `create_operation`.
        sent_by: As for `create_operation`.
        options: Options for reading the file.
        claim: Called with the new operation, in its transaction.
        rest_of: As for `create_operation`. The file is read with the same options, and
            the selection is the same.

    Raises:
        ImporterNotDefinedError: No importer has this key.
        SourceError: The importer can't be detected.
        InvalidOptionError: The importer does not support an option.
        InvalidFileNameError: The name contains a path or is too long.
        StorageFullError: The file can't be stored.
        StorageUnavailableError: The shared storage is unavailable.
        UploadQuotaError: The user's upload quota is exceeded.
        OperationInProgressError: Another import is active.
    """
    try:
        _check_name(file_name)
        report = Report()
        if not importer_key:
            detection = detect_importer(received.path, options, actor.user, file_name)
            importer_key = detection.importer_key
            report.warn(DETECTED_KIND, detection.text)
        importer = importer_for_upload(importer_key)
        check_options(importer, options)
        if rest_of is None:
            remember_columns(received.path, options, actor.user)
            options = add_remembered_columns(importer, options, actor.user)
        context = ImportContext(
            received.path, limits(), report, options, file_name=file_name
        )
        importer().check(context)
        public_id = new_public_id()
        share_file(received, public_id)
        try:
            return _start(
                *(actor, importer, file_name, content_type, received),
                public_id=public_id,
                context=context,
                may_replace=may_replace,
                sent_by=sent_by,
                claim=claim,
                rest_of=rest_of,
            )
        except DomainError:
            withdraw_file(public_id)
            raise
    finally:
        received.path.unlink(missing_ok=True)


def import_stored_file(
    *,
    operation: ImportOperation,
    importer_key: str,
    actor: Actor,
    may_replace: Collection[int] = (),
    options: ReadingOptions = DETECTED,
) -> ImportOperation:
    """Start an operation with the file of another one and other reading options.

    Args:
        operation: The operation that has the file; it is replaced.
        importer_key: Key of the importer that reads the file.
        actor: Who starts the import.
        may_replace: Primary keys of further operations that may be replaced.
        options: Options for reading the file.

    Raises:
        ImporterNotDefinedError: No importer has this key.
        FileGoneError: The file is no longer stored.
        StorageFullError: The file can't be stored.
        StorageUnavailableError: The shared storage is unavailable.
        UploadQuotaError: The user's upload quota is exceeded.
        OperationInProgressError: Another import is active.
    """
    return start_with_file(
        actor=actor,
        importer_key=importer_key,
        file_name=operation.original_file_name,
        content_type=operation.content_type,
        received=link_file(operation),
        may_replace=[operation.pk, *may_replace],
        sent_by=operation.sent_by,
        options=options,
    )


def _check_name(name: str) -> None:
    if not name or name in (".", "..") or any(letter in name for letter in "/\\\0"):
        msg = f"{name!r} is not a valid file name. Remove any folders from the name."
        raise InvalidFileNameError(msg)
    if len(name) > _LONGEST_NAME:
        msg = f"The file name is longer than {_LONGEST_NAME} characters. Shorten it."
        raise InvalidFileNameError(msg)


@transaction.atomic
def _start(
    actor: Actor,
    importer: type[Importer],
    file_name: str,
    content_type: str,
    received: Received,
    *,
    public_id: str,
    context: ImportContext,
    may_replace: Collection[int] | None,
    sent_by: str | None,
    claim: Callable[[ImportOperation], None] | None,
    rest_of: ImportOperation | None,
) -> ImportOperation:
    operation = create_operation(
        actor=actor,
        importer_key=importer.key,
        importer_name=importer.name,
        may_replace=may_replace,
        sent_by=sent_by,
        rest_of=rest_of,
        public_id=public_id,
    )
    if claim is not None:
        claim(operation)
    # Checked again: inside the transaction no other upload can finish in between.
    check_quota(
        actor.user, size=received.size, path=received.path, without=operation.public_id
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
        report=context.report.as_json(),
        reading_options=context.options.as_json(),
        **_decisions_of(rest_of),
    )
    try:
        place_file(received, operation)
    except OSError as error:
        raise StorageFullError from error
    return operation


def _decisions_of(operation: ImportOperation | None) -> dict[str, Any]:
    """Return the settings to copy from an operation whose rest is imported.

    Confirmed matches are not repeated, because each import needs its own confirmation.
    """
    if operation is None:
        return {}
    selection = replace(Selection.from_json(operation.selection), confirmed={})
    return {
        "selection": selection.as_json(),
        "fails_existing": operation.fails_existing,
    }


def stored_name(operation: ImportOperation, file_name: str) -> str:
    """Return the wire's `file`; its month counts from 0 (wire-api.md 3.1)."""
    return f"{_date(operation.created_at)}_{operation.user_id}_{file_name}"


def _date(at: datetime) -> str:
    parts = (at.year, at.month - 1, at.day, at.hour, at.minute, at.second)
    return "".join(map(str, parts))
