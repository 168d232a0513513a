"""Uploads in parts: create, continue, cancel, and import the complete file."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from config.server.bodies import Body
from imports_app.importers.reading_options import DETECTED, ReadingOptions
from imports_app.models import ImportOperation, PartialUpload
from imports_app.services.uploading.uploads import check_upload, start_with_file
from imports_app.transitions import Actor
from imports_app.uploads.errors import (
    UploadDigestError,
    UploadIncompleteError,
    UploadLimitError,
    UploadNotFoundError,
    UploadOffsetError,
    UploadTakenError,
)
from imports_app.uploads.incoming import Content, check_upload_size
from imports_app.uploads.partial import (
    complete_file,
    create_file,
    delete_file,
    locked_file,
    write_part,
)

LIFETIME: Final = timedelta(days=1)
"""Time after the last received part until an upload expires."""
MOST_PER_USER: Final = 10
"""Maximum number of a user's unfinished uploads."""
MOST_IN_ALL: Final = 200
"""Maximum number of unfinished uploads on the server."""
_CHUNK: Final = 1024 * 1024


class Checksum(NamedTuple):
    """Expected checksum of a part."""

    algorithm: str
    """Name for `hashlib`."""
    digest: bytes


def create_upload(
    *,
    user: User,
    file_name: str,
    size: int,
    content_type: str = "",
    metadata: str = "",
    modified_ms: int | None = None,
) -> PartialUpload:
    """Create an upload without any bytes, within all limits.

    Args:
        user: The uploader.
        file_name: The original name.
        size: Size of the whole file in bytes.
        content_type: The media type that the client sent.
        metadata: The client's metadata, returned to it unchanged.
        modified_ms: Last change of the client's file, in milliseconds since 1970.

    Raises:
        InvalidFileNameError: The name contains a path or is too long.
        TooLargeError: The file is larger than FILE_MAX_BYTES.
        StorageFullError: The disk has no space for this and all unfinished uploads.
        UploadQuotaError: The user's upload quota is exceeded.
        UploadLimitError: There are too many unfinished uploads.
    """
    delete_expired_uploads()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # one upload at a time
        unfinished = PartialUpload.objects.unfinished()
        if unfinished.filter(user=user).count() >= MOST_PER_USER:
            raise UploadLimitError.of_user(MOST_PER_USER)
        if unfinished.count() >= MOST_IN_ALL:
            raise UploadLimitError
        check_upload(
            actor=Actor(user),
            importer_key="",
            file_name=file_name,
            size=size,
            limit=settings.FILE_MAX_BYTES,
        )
        check_upload_size(size + unfinished.missing_bytes())
        upload = PartialUpload.objects.create(
            user=user,
            file_name=file_name,
            size=size,
            content_type=content_type[:255],
            metadata=metadata,
            modified_ms=modified_ms,
            expires_at=timezone.now() + LIFETIME,
        )
        create_file(upload)
    return upload


def find_upload(*, user: User, public_id: str) -> PartialUpload:
    """Return an upload of the user.

    Raises:
        UploadNotFoundError: The upload does not exist or has expired.
    """
    own = PartialUpload.objects.of(user, now=timezone.now())
    upload = own.filter(public_id=public_id).first()
    if upload is None:
        raise UploadNotFoundError
    return upload


def find_same_file(
    *, user: User, file_name: str, size: int, modified_ms: int
) -> PartialUpload | None:
    """Return the user's unfinished upload of a file, by name, size and last change."""
    own = PartialUpload.objects.of(user, now=timezone.now()).unfinished()
    same = own.filter(file_name=file_name, size=size, modified_ms=modified_ms)
    return same.first()


def check_part(upload: PartialUpload, offset: int) -> None:
    """Check whether a part can be appended, before it is received.

    Raises:
        UploadOffsetError: The part does not begin where the received bytes end.
        UploadLockedError: Another request is writing a part.
        UploadNotFoundError: The file was deleted.
    """
    if offset != upload.offset:
        raise UploadOffsetError.of(upload.offset)
    with locked_file(upload):
        pass


def append_part(
    *,
    upload: PartialUpload,
    offset: int,
    content: Content,
    checksum: Checksum | None = None,
) -> None:
    """Append a part, completely or not at all.

    Args:
        upload: The upload; its offset is updated.
        offset: Where the part begins, in bytes.
        content: The part.
        checksum: Its checksum, if the client sent one.

    Raises:
        UploadOffsetError: The part does not begin where the received bytes end.
        UploadLockedError: Another request is writing a part.
        UploadTooLongError: The part goes beyond the size of the file.
        UploadChecksumError: The checksum does not match.
        UploadNotFoundError: The upload was cancelled.
        StorageFullError: The disk has no space for it.
    """
    if isinstance(content, Body):
        stream = content.stream
        content = iter(lambda: stream.read(_CHUNK), b"")
    with locked_file(upload) as file:
        upload.refresh_from_db(fields=["offset", "operation"])
        if offset != upload.offset:
            raise UploadOffsetError.of(upload.offset)
        end = offset + write_part(file, upload, content, checksum)
        expires_at = timezone.now() + LIFETIME
        if not PartialUpload.objects.advance(upload, to=end, expires_at=expires_at):
            raise UploadNotFoundError
    upload.offset, upload.expires_at = end, expires_at


def cancel_upload(upload: PartialUpload) -> None:
    """Delete an upload and its bytes."""
    upload.delete()
    delete_file(upload)


def delete_expired_uploads() -> int:
    """Delete expired uploads and their bytes on this machine.

    Returns:
        The number of uploads.
    """
    expired = list(PartialUpload.objects.expired(now=timezone.now())[:MOST_IN_ALL])
    for upload in expired:
        cancel_upload(upload)
    return len(expired)


def import_upload(
    *,
    upload: PartialUpload,
    actor: Actor,
    importer_key: str = "",
    sha256: str = "",
    may_replace: Collection[int] | None = None,
    options: ReadingOptions = DETECTED,
) -> ImportOperation:
    """Start an operation with the complete file.

    Repeated calls return the same operation. After an error other than a wrong digest,
    the file stays, so that another importer can be chosen.

    Args:
        upload: The upload.
        actor: Who starts the import.
        importer_key: Key of the importer; empty to detect it.
        sha256: Digest of the client's file in hexadecimal; empty to check none.
        may_replace: As for `create_operation`.
        options: Options for reading the file.

    Raises:
        UploadIncompleteError: Bytes are missing.
        UploadDigestError: The digest does not match; the upload is deleted.
        DomainError: The import can't be started; see `start_with_file`.
    """
    if upload.operation is not None:
        return upload.operation
    if not upload.is_complete:
        raise UploadIncompleteError.of(upload.offset, upload.size)
    received = complete_file(upload)
    if sha256 and sha256.lower() != received.digest:
        received.path.unlink(missing_ok=True)
        cancel_upload(upload)
        raise UploadDigestError.of(received.digest)

    def claim(operation: ImportOperation) -> None:
        if not PartialUpload.objects.hand_over(upload, operation):
            raise UploadTakenError

    try:
        operation = start_with_file(
            actor=actor,
            importer_key=importer_key,
            file_name=upload.file_name,
            content_type=upload.content_type,
            received=received,
            may_replace=may_replace,
            options=options,
            claim=claim,
        )
    except UploadTakenError:  # by a repeated request
        upload.refresh_from_db()
        if upload.operation is None:
            raise UploadNotFoundError from None
        return upload.operation
    delete_file(upload)
    return operation
