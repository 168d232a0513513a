"""A JSONL export, imported into an empty server and exported again, is the same."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from accounts.models import ImportId, User
from imports_app.engine.exports.selection import Selection
from imports_app.engine.exports.workspace import SelectedWorkspace
from imports_app.engine.exports.writing import write_export
from imports_app.exporters.base import FileMode
from imports_app.exporters.jsonl.archive import JsonlExporter
from imports_app.exporters.parts import Limits
from imports_app.models import (
    ImportOperation,
    Message,
    MessageFile,
    Room,
    SourceWorkspace,
)
from tests.conftest import ApiClient
from tests.imports_app.api.importing import EVERYTHING, upload_body
from tests.imports_app.exporters.odd_workspaces import WORKSPACES, create, lines_of
from tests.working import work

ROOT = Path(__file__).parents[4]
EXAMPLES = int(os.environ.get("JSONL_EXAMPLES", "4"))
SCHEMA = Draft202012Validator(
    json.loads((ROOT / "docs/export.schema.json").read_text())
)


def export(folder: Path, files: FileMode = FileMode.CONTENT) -> Path:
    """Export all rooms with their users; return the archive."""
    rooms = tuple(Room.objects.values_list("pk", flat=True))
    workspace = SelectedWorkspace(
        Selection(rooms=rooms), on_messages=lambda _number: None
    )
    write_export(JsonlExporter(folder, workspace, Limits(), files=files))
    return folder / "export.zip"


def import_export(api: ApiClient, path: Path) -> None:
    """Import an archive with its files and avatars."""
    body = upload_body(path.read_bytes(), importerKey="jsonl")
    assert api.post("uploadImportFile", body).json() == {"success": True}
    api.get("getImportFileData")
    work()
    assert api.get("getImportFileData").json()["success"]
    assert api.post("startImport", {"input": EVERYTHING}).json() == {"success": True}
    work()
    [operation] = ImportOperation.objects.order_by("-pk")[:1]
    assert operation.status == "importer_done", operation.report
    for download in ("downloadPendingFiles", "downloadPendingAvatars"):
        if api.post(download).json()["count"]:
            work()


def empty_server() -> None:
    """Delete everything that imports write."""
    MessageFile.objects.all().delete()
    Message.objects.all().delete()
    Room.objects.all().delete()
    User.objects.exclude(username="ada").delete()
    ImportId.objects.all().delete()
    SourceWorkspace.objects.all().delete()


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(workspace=WORKSPACES)
def test_an_imported_export_is_exported_as_it_was(
    admin_api: ApiClient, workspace: dict[str, Any]
) -> None:
    empty_server()
    create(workspace)
    with tempfile.TemporaryDirectory() as folder:
        first = export(Path(folder) / "first")
        empty_server()
        import_export(admin_api, first)
        second = export(Path(folder) / "second")

        with ZipFile(first) as one, ZipFile(second) as other:
            assert one.namelist() == other.namelist()
            for name in one.namelist():
                if name.endswith(".jsonl"):
                    lines = lines_of(one.read(name))
                    assert lines_of(other.read(name)) == lines
                    for line in lines:
                        SCHEMA.validate(line)
        assert first.read_bytes() == second.read_bytes()
