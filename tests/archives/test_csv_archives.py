"""The generator of CSV archives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.archives.csv_archives import Plan, write_csv_archive


def test_same_seed_gives_the_same_archive(tmp_path: Path) -> None:
    first, second, other = (tmp_path / name for name in ("1.zip", "2.zip", "3.zip"))
    expectations = [
        write_csv_archive(path, Plan(), seed=seed)
        for path, seed in ((first, 1), (second, 1), (other, 2))
    ]

    assert first.read_bytes() == second.read_bytes() != other.read_bytes()
    assert expectations[0] == expectations[1] != expectations[2]


def test_command_writes_archive_and_expectation(tmp_path: Path) -> None:
    path = tmp_path / "team.zip"

    call_command("make_archive", str(path), messages=30, plain=True)

    expected = json.loads((tmp_path / "team.zip.expected.json").read_text())
    assert path.exists()
    assert sum(expected["counts"].values()) <= 30
    assert expected["failures"] == []


def test_command_reports_invalid_options(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be written"):
        call_command("make_archive", str(tmp_path / "gone" / "team.zip"))
    with pytest.raises(CommandError, match="2 or more"):
        call_command("make_archive", str(tmp_path / "team.zip"), users=1)
