"""Files in exports in Slack's form."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import orjson
import pytest

from imports_app.exporters.base import Export, ExportRefusedError, FileMode
from imports_app.exporters.losses import Loss
from imports_app.exporters.parts import Limits, safe_name
from imports_app.exporters.rocketchat_csv import RocketChatCsvExporter
from imports_app.exporters.slack.archive import SlackExporter
from tests.imports_app.exporters.files import stored
from tests.imports_app.exporters.mattermost.workspaces import (
    MemoryWorkspace,
    room,
    said,
    user,
)

PLAN = stored("a/plan: ä.txt", b"the plan")
PICTURE = stored("avatar", b"PNG")
MISSING = replace(stored("missing", b""), id="FMISSING")
ELSEWHERE = replace(PLAN, id="FELSEWHERE", is_stored=False, digest="")


def workspace() -> MemoryWorkspace:
    people = [user("ann", avatar=PICTURE), user("bo")]
    files = (PLAN, MISSING, ELSEWHERE)
    messages = [said(1, "ann", "", files=files), said(2, "bo", "hello")]
    return MemoryWorkspace(people, [(room("general", "ann", "bo"), messages)])


def export(
    folder: Path, files: FileMode, *, messages: int = 20_000
) -> tuple[Export, list[dict[str, bytes]]]:
    """Return the result, and the content of each archive by name."""
    result = SlackExporter(folder, workspace(), Limits(messages), files=files).export()
    archives = []
    for path in sorted(folder.iterdir()):
        with ZipFile(path) as archive:
            archives.append({name: archive.read(name) for name in archive.namelist()})
    return result, archives


def day_of(archive: dict[str, bytes]) -> list[dict[str, Any]]:
    [name] = [one for one in archive if one.endswith("2024-03-01.json")]
    messages: list[dict[str, Any]] = orjson.loads(archive[name])
    return messages


def test_links_of_stored_files(tmp_path: Path) -> None:
    result, [archive] = export(tmp_path, FileMode.LINKS)

    first, other = day_of(archive)
    assert [one["id"] for one in first["files"]] == [PLAN.id, MISSING.id]
    assert first["files"][0]["url_private_download"] == (
        f"https://import.example/{PLAN.id}"
    )
    assert first["files"][0]["is_external"] is False
    assert "files" not in other
    ann, _bo = orjson.loads(archive["users.json"])
    assert ann["profile"]["image_original"].endswith(PICTURE.id)
    assert result.losses == {Loss.FILES: 1}
    assert not [name for name in archive if name.startswith("__uploads")]


def test_content_of_stored_files(tmp_path: Path) -> None:
    result, [archive] = export(tmp_path, FileMode.CONTENT)

    first, _other = day_of(archive)
    assert [one["id"] for one in first["files"]] == [PLAN.id]
    [name] = [name for name in archive if name.startswith("__uploads")]
    assert name == f"__uploads/{PLAN.id}/a_plan_ ä.txt"
    assert archive[name] == b"the plan"
    assert result.losses == {Loss.AVATARS: 1, Loss.FILES: 2}


def test_files_are_in_the_archive_of_their_message(tmp_path: Path) -> None:
    _result, archives = export(tmp_path, FileMode.CONTENT, messages=1)

    with_files = [
        archive
        for archive in archives
        if any(name.startswith("__uploads") for name in archive)
    ]
    assert [len(day_of(archive)) for archive in with_files] == [1]
    assert "files" in day_of(with_files[0])[0]


def test_without_files(tmp_path: Path) -> None:
    result, [archive] = export(tmp_path, FileMode.NONE)

    assert "files" not in day_of(archive)[0]
    assert result.losses == {Loss.AVATARS: 1, Loss.FILES: 3}


def test_a_format_refuses_what_it_cannot_contain(tmp_path: Path) -> None:
    with pytest.raises(ExportRefusedError, match="can't include files as links"):
        RocketChatCsvExporter(tmp_path, workspace(), Limits(), files=FileMode.LINKS)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("plan.txt", "plan.txt"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "file"),
        ("", "file"),
        ("a\0b\u202ec\ud800.txt", "a_b_c_.txt"),
        ("é" * 200 + ".txt", "é" * 88 + ".txt"),
        ("x" * 500, "x" * 180),
    ],
    ids=["plain", "path", "dots", "empty", "control", "long", "longest"],
)
def test_safe_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe
