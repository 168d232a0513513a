"""Every format takes odd names, texts, times and sizes, and writes valid files."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PureWindowsPath
from typing import Any
from zipfile import ZipFile

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from imports_app.exporters.base import FileMode
from imports_app.exporters.parts import Limits
from imports_app.exporters.registry import EXPORTERS
from tests.fakes.rocketchat_archives import parse_csv
from tests.imports_app.exporters.html.test_archive import Page
from tests.imports_app.exporters.mattermost.oracle import read_strictly
from tests.imports_app.exporters.odd_workspaces import (
    WORKSPACES,
    OddWorkspace,
    lines_of,
)

EXAMPLES = int(os.environ.get("ODD_EXAMPLES", "5"))
ROOT = Path(__file__).parents[3]
SCHEMA = Draft202012Validator(
    json.loads((ROOT / "docs/export.schema.json").read_text())
)
OPTIONS: dict[str, dict[str, Any]] = {
    "mattermost": {"team": "acme", "mail_domain": "x.example"},
    "slack": {"has_reactions": True},
}


def read_slack(name: str, content: bytes) -> None:
    if name.endswith(".json"):
        assert isinstance(orjson.loads(content), list)


def read_csv(name: str, content: bytes) -> None:
    assert name.endswith(".csv")
    if content:
        parse_csv(content.decode())


def read_mattermost(name: str, content: bytes) -> None:
    if name.endswith(".jsonl"):
        read_strictly(lines_of(content))


def read_jsonl(name: str, content: bytes) -> None:
    if name.endswith(".jsonl"):
        for line in lines_of(content):
            SCHEMA.validate(line)


def read_html(name: str, content: bytes) -> None:
    if name.endswith(".html") and not name.startswith("files/"):
        Page(content.decode())


READERS: dict[str, Callable[[str, bytes], None]] = {
    "slack": read_slack,
    "rocketchat-csv": read_csv,
    "mattermost": read_mattermost,
    "jsonl": read_jsonl,
    "html": read_html,
}


def test_every_format_has_a_reader() -> None:
    assert READERS.keys() == EXPORTERS.keys()


def files_of(file_format: str, workspace: OddWorkspace) -> Iterator[tuple[str, bytes]]:
    """Export with files; yield the files of all archives."""
    exporter = EXPORTERS[file_format]
    content = FileMode.CONTENT
    files = content if content in exporter.file_modes else FileMode.NONE
    options = OPTIONS.get(file_format, {})
    with tempfile.TemporaryDirectory() as folder:
        limits = Limits(messages=2)
        exporter(Path(folder), workspace, limits, files=files, **options).export()
        for path in Path(folder).iterdir():
            with ZipFile(path) as archive:
                for name in archive.namelist():
                    yield name, archive.read(name)


@pytest.mark.parametrize("file_format", sorted(EXPORTERS))
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(values=WORKSPACES)
def test_archives_are_valid(file_format: str, values: dict[str, Any]) -> None:
    for name, content in files_of(file_format, OddWorkspace(values)):
        parts = name.split("/")
        assert not {"", ".", ".."} & set(parts)
        assert not PureWindowsPath(name).drive
        READERS[file_format](name, content)
