"""Headers of the tus 1.0 protocol for resumable uploads (https://tus.io)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, ClassVar, Final, Self

from django.conf import settings
from django.utils.http import http_date

from config.errors import DomainError
from imports_app.services.uploading.partial_uploads import Checksum

if TYPE_CHECKING:
    from rest_framework.request import Request

    from imports_app.models import PartialUpload

VERSION: Final = "1.0.0"
PART_TYPE: Final = "application/offset+octet-stream"
_EXTENSIONS: Final = "creation,checksum,termination,expiration"
_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_CHECKSUMS: Final = ("sha1", "sha256")
"""Algorithms for the checksum of a part; the protocol requires SHA-1."""
_LONGEST_METADATA: Final = 4_000


class TusVersionError(DomainError):
    """The version of the tus protocol is missing or not supported."""

    code: ClassVar[str] = "error-tus-version"
    http_status: ClassVar[int] = 412
    default_message: ClassVar[str] = "Send the header Tus-Resumable: 1.0.0."


class TusMediaTypeError(DomainError):
    """A part of an upload has another media type."""

    code: ClassVar[str] = "error-tus-media-type"
    http_status: ClassVar[int] = 415
    default_message: ClassVar[str] = (
        "Send parts with Content-Type: application/offset+octet-stream."
    )


class TusHeaderError(DomainError):
    """A header of the tus protocol is missing or not valid."""

    code: ClassVar[str] = "error-tus-header"

    @classmethod
    def of(cls, name: str, wanted: str) -> Self:
        """Return the error with the name of the header and what it must be."""
        return cls(f"The header {name} must be {wanted}.")


def service_headers() -> dict[str, str]:
    """Return the headers that describe the server, for OPTIONS."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Max-Size": str(settings.FILE_MAX_BYTES),
        "Tus-Extension": _EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(_CHECKSUMS),
    }


def upload_headers(upload: PartialUpload) -> dict[str, str]:
    """Return the headers that describe an upload."""
    headers = {
        "Upload-Offset": str(upload.offset),
        "Upload-Length": str(upload.size),
        "Upload-Expires": http_date(upload.expires_at.timestamp()),
    }
    if upload.metadata:
        headers["Upload-Metadata"] = upload.metadata
    return headers


def check_version(request: Request) -> None:
    """Check the protocol version of the client.

    Raises:
        TusVersionError: The version is missing or not supported.
    """
    if request.headers.get("Tus-Resumable") != VERSION:
        raise TusVersionError


def number_header(request: Request, name: str) -> int:
    """Return a header with a number of bytes.

    Raises:
        TusHeaderError: The header is missing or not a number.
    """
    text = request.headers.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise TusHeaderError.of(name, "a number of bytes")
    return int(text)


def check_part_type(request: Request) -> None:
    """Check the media type of a part.

    Raises:
        TusMediaTypeError: The media type is not that of the protocol.
    """
    if request.META.get("CONTENT_TYPE", "").partition(";")[0].strip() != PART_TYPE:
        raise TusMediaTypeError


def checksum_of(request: Request) -> Checksum | None:
    """Return the checksum of a part; `None` if the client sent none.

    Raises:
        TusHeaderError: The header is not valid, or the algorithm is not supported.
    """
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _space, digest = text.partition(" ")
    if algorithm not in _CHECKSUMS:
        raise TusHeaderError.of("Upload-Checksum", f"one of {', '.join(_CHECKSUMS)}")
    return Checksum(algorithm, _decoded("Upload-Checksum", digest))


def metadata_of(request: Request) -> tuple[str, dict[str, str]]:
    """Return the metadata of a new upload, as sent and decoded by key.

    Raises:
        TusHeaderError: The header is not valid or too long.
    """
    text = request.headers.get("Upload-Metadata", "")
    if len(text) > _LONGEST_METADATA:
        limit = f"at most {_LONGEST_METADATA:,} characters long"
        raise TusHeaderError.of("Upload-Metadata", limit)
    found = {}
    for pair in filter(None, map(str.strip, text.split(","))):
        key, _space, value = pair.partition(" ")
        try:
            found[key] = _decoded("Upload-Metadata", value).decode()
        except UnicodeDecodeError:
            raise TusHeaderError.of("Upload-Metadata", "UTF-8 in base64") from None
        if "\0" in found[key]:  # databases cannot store it
            raise TusHeaderError.of("Upload-Metadata", "text without NUL characters")
    return text, found


def _decoded(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise TusHeaderError.of(name, "valid base64") from None
