"""Helpers for small imports through the API and the worker's tasks."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import Any

from imports_app.models import ImportOperation
from tests.conftest import ApiClient
from tests.working import work

USERS = "ann,ann@example.org,Ann Lee\nbo,,Bo Ek\n"
ROOMS = "news,ann,public,bo\nlab,bo,private,ann\n"
SMALL = {
    "users.csv": USERS,
    "channels.csv": ROOMS,
    "news/1.csv": "ann,1600000000000,hello\nghost,1600000000001,boo\n",
    "lab/1.csv": "bo,1600000000002,secret\n",
    "directmessages/1.csv": "ann,bo,1600000000003,psst\n",
}
EVERYTHING = {
    "users": {"all": True},
    "channels": {"all": True, "list": ["__directMessages__"]},
}


def packed(entries: dict[str, str]) -> bytes:
    """Return an archive with these files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def upload_body(content: bytes, **changes: str) -> dict[str, str]:
    """Return the body of uploadImportFile."""
    return {
        "binaryContent": base64.b64encode(content).decode(),
        "contentType": "application/zip",
        "fileName": "team.zip",
        "importerKey": "csv",
        **changes,
    }


def uploaded(api: ApiClient, content: bytes | None = None) -> ImportOperation:
    """Upload an archive and return the operation."""
    body = upload_body(packed(SMALL) if content is None else content)
    assert api.post("uploadImportFile", body).json() == {"success": True}
    return current()


def staged(api: ApiClient, content: bytes | None = None) -> ImportOperation:
    """Upload an archive and read it."""
    uploaded(api, content)
    api.get("getImportFileData")
    work()
    return current()


def imported(
    api: ApiClient, content: bytes | None = None, selection: Any = None
) -> ImportOperation:
    """Upload an archive and import everything or the selection."""
    staged(api, content)
    body = {"input": EVERYTHING if selection is None else selection}
    assert api.post("startImport", body).json() == {"success": True}
    work()
    return current()


def current() -> ImportOperation:
    """Return the last operation."""
    operation = ImportOperation.objects.current()
    assert operation is not None
    return operation
