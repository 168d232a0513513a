"""Signed URLs of this server for the archives of a delivery.

For servers whose proxy refuses large bodies. A URL is valid while the delivery is in
progress.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from imports_app.models import Delivery

PATH: Final = "delivery-archives"
_SALT: Final = "imports_app.engine.deliveries.links"
_NAME: Final = re.compile(r"[0-9A-Za-z]{1,40}-[0-9a-f]{8}-part-[0-9]{3,9}\.zip")


def archives_folder() -> Path:
    """Return the folder of the archives of all deliveries."""
    return Path(settings.DATA_DIR) / "deliveries"


def folder_of(public_id: str) -> Path:
    """Return the folder of a delivery's archives."""
    return archives_folder() / public_id


def archive_link(public_id: str, name: str) -> str:
    """Return the URL of an archive; empty if this server has no public address."""
    if not settings.BASE_URL or not _NAME.fullmatch(name):
        return ""
    base = settings.BASE_URL.rstrip("/")
    return f"{base}/{PATH}/{public_id}/{_signature(public_id, name)}/{name}"


def find_archive(public_id: str, signature: str, name: str) -> Path | None:
    """Return the path of the archive of a URL, or `None` if it is not valid."""
    if not constant_time_compare(signature, _signature(public_id, name)):
        return None
    path = folder_of(public_id) / name
    is_valid = _NAME.fullmatch(name) and Delivery.objects.is_sending(public_id)
    return path if is_valid and path.is_file() else None


def _signature(public_id: str, name: str) -> str:
    return salted_hmac(_SALT, f"{public_id}/{name}", algorithm="sha256").hexdigest()
