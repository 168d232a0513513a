"""Signed URLs of this server for the files of an export or of a delivery.

A URL requires no session or token. It is valid until the export expires or is deleted.
URLs of a delivery are valid while the delivery is in progress.
"""

from __future__ import annotations

import re
from functools import partial
from typing import ClassVar, Final
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from config.errors import DomainError
from imports_app.engine.exports.files import Link, WorkspaceFile
from imports_app.exporters.parts import safe_name
from imports_app.models import Delivery, FileState, MessageFile, WorkspaceExport

PATH: Final = "export-links"
_SALT: Final = "imports_app.engine.exports.links"
_TARGET: Final = re.compile(r"([fa])([0-9]{1,18})")
"""File of a message, or avatar of a user, and its key."""


class NoBaseUrlError(DomainError):
    """Links need the public address of this server."""

    code: ClassVar[str] = "error-no-base-url"
    default_message: ClassVar[str] = (
        "Links to files need the public address of this server. Ask the administrator"
        " to set BASE_URL, or include the content of the files."
    )


def linker(export_id: str) -> Link:
    """Return the function that makes the links of an export or a delivery.

    Args:
        export_id: Public ID of the export or delivery.

    Raises:
        NoBaseUrlError: BASE_URL is not set.
    """
    check_base_url()
    return partial(_link, export_id)


def check_base_url() -> None:
    """Check that this server knows its public address.

    Raises:
        NoBaseUrlError: BASE_URL is not set.
    """
    if not settings.BASE_URL:
        raise NoBaseUrlError


def _link(export_id: str, file: WorkspaceFile) -> str:
    target = f"{'a' if file.is_avatar else 'f'}{file.key}"
    signature = _signature(export_id, target)
    name = quote(safe_name(file.name), safe="")
    base = settings.BASE_URL.rstrip("/")
    return f"{base}/{PATH}/{export_id}/{target}/{signature}/{name}"


def find_linked(export_id: str, target: str, signature: str) -> tuple[str, str] | None:
    """Return the stored name and the shown name of the file of a link.

    Returns:
        `None` if the link is not valid, has expired, or the file is gone.
    """
    if not constant_time_compare(signature, _signature(export_id, target)):
        return None
    export = WorkspaceExport.objects.with_links(export_id, timezone.now())
    parts = _TARGET.fullmatch(target)
    if parts is None:
        return None
    if export is None and not Delivery.objects.has_links(export_id):
        return None
    key = int(parts[2])
    if parts[1] == "a":
        user = User.objects.filter(pk=key).first()
        return (user.avatar_name, "avatar") if user and user.avatar_name else None
    file = MessageFile.objects.filter(pk=key, state=FileState.STORED).first()
    return (file.stored_name, file.name) if file else None


def _signature(export_id: str, target: str) -> str:
    value = f"{export_id}/{target}"
    return salted_hmac(_SALT, value, algorithm="sha256").hexdigest()
