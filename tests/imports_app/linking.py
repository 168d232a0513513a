"""Small Slack exports whose messages link to files, and their download."""

from __future__ import annotations

import json
from typing import Any

from imports_app.models import ImportOperation
from imports_app.statuses import Status
from tests.cases.exports import lobby, said
from tests.conftest import ApiClient
from tests.imports_app.api.importing import current, packed, upload_body
from tests.working import work


def message(second: int, *links: tuple[str, str]) -> dict[str, Any]:
    """Return a message with files: IDs and URLs."""
    files = [
        {
            "id": identity,
            "name": f"{identity}.txt",
            "mode": "hosted",
            "url_private": url,
        }
        for identity, url in links
    ]
    return said("U01", f"see {second}", second, files=files)


def export(*messages: dict[str, Any]) -> bytes:
    """Return an export with these messages."""
    return packed({name: json.dumps(one) for name, one in lobby(*messages).items()})


def reviewed(api: ApiClient, *messages: dict[str, Any]) -> ImportOperation:
    """Upload and read an export; it waits for its review."""
    body = upload_body(export(*messages), importerKey="slack")
    assert api.post("uploadImportFile", body).json() == {"success": True}
    api.get("getImportFileData")
    work()
    assert current().status == Status.USER_SELECTION
    return current()


def download(api: ApiClient, operation: ImportOperation) -> dict[str, Any]:
    """Download the files and return the numbers."""
    path = f"importOperations/{operation.public_id}/files"
    assert api.post(f"{path}/download").json()["success"]
    work()
    numbers: dict[str, Any] = api.get(path).json()["download"]
    return numbers
