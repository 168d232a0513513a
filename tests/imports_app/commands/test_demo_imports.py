"""Demo data with real imports, and generated Slack exports."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from imports_app.models import ImportOperation, Message, Room
from imports_app.statuses import Status


def test_the_demo_imports_one_archive_of_each_kind(db: None) -> None:
    for _time in range(2):
        call_command("seed_demo", with_imports=True, stdout=StringIO())

    ran = ImportOperation.objects.exclude(user_id="d26x6zSkaPSe5gCyy")
    found = ran.order_by("id").values_list("importer_key", "status")
    assert list(found) == [("csv", Status.DONE), ("slack", Status.DONE)]
    assert Message.objects.filter(thread__isnull=False).exists()
    assert Room.objects.count() > 10


@pytest.mark.parametrize("plain", [True, False])
def test_generates_a_slack_export(tmp_path: Path, plain: bool) -> None:
    out = StringIO()
    path = tmp_path / "export.zip"
    call_command(
        "make_archive", str(path), slack=True, messages=60, plain=plain, stdout=out
    )

    expected = json.loads((tmp_path / "export.zip.expected.json").read_text())
    assert sum(expected["counts"].values()) >= 60
    assert (expected["failures"] == []) is plain
    assert "messages to import" in out.getvalue()
