"""Files whose content is not what their name says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from imports_app.errors import SourceError
from imports_app.models import ImportOperation, ImportRecord
from imports_app.sources.file_types import refuse_other_file_types
from imports_app.statuses import Status
from tests.conftest import ApiClient
from tests.imports_app.api.importing import upload_body
from tests.working import work

TEXT = b"Dear all,\nthe export is on the other drive, see you there\n"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("team.zip", "a ZIP archive"),
        ("TEAM.ZIP", "a ZIP archive"),
        ("book.xlsx", "an Excel workbook"),
        ("table.ods", "a spreadsheet"),
        ("team.tar.gz", "a gzip archive"),
        ("scan.pdf", "a PDF document"),
        ("me.jpeg", "an image"),
    ],
)
def test_plain_text_is_refused_under_the_name_of_another_type(
    name: str, kind: str
) -> None:
    with pytest.raises(SourceError, match=f"contains plain text and is not {kind}"):
        refuse_other_file_types(TEXT, name, wanted="a table")


@pytest.mark.parametrize("name", ["", "users.csv", "users.txt", "users", "a.b.tsv"])
def test_plain_text_is_accepted_under_other_names(name: str) -> None:
    refuse_other_file_types(TEXT, name, wanted="a table")


def test_the_reading_fails_and_names_the_reason(importer_api: ApiClient) -> None:
    """Rocket.Chat accepts any upload, so that only the reading can fail."""
    users = b"ann,ann@example.org,Ann\n"
    assert importer_api.post("uploadImportFile", upload_body(users)).status_code == 200
    operation = ImportOperation.objects.get()
    assert "importer-not-a-zip" in operation.report["warnings"]

    importer_api.get("getImportFileData")
    work()

    operation.refresh_from_db()
    assert operation.status == Status.FAILED
    assert operation.error_code == "importer-not-a-zip"
    assert "The file is named .zip, but it contains plain text" in (
        operation.error_message
    )
    assert not ImportRecord.objects.exists()


@pytest.mark.parametrize("importer", ["csv", ""])
def test_the_command_refuses_it(
    admin_user: User, tmp_path: Path, importer: str, capsys: Any
) -> None:
    path = tmp_path / "team.zip"
    path.write_bytes(TEXT)

    with pytest.raises((CommandError, SourceError), match=r"is named \.zip, but"):
        call_command("import_file", str(path), importer=importer, all=True, wait=True)

    assert not User.objects.exclude(pk=admin_user.pk).exists()
