"""The generator of Slack exports."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from django.core.management import call_command

from tests.archives.slack_archives import SlackPlan, write_slack_archive


def test_same_seed_gives_the_same_archive(tmp_path: Path) -> None:
    first, second, other = (tmp_path / name for name in ("1.zip", "2.zip", "3.zip"))
    expectations = [
        write_slack_archive(path, SlackPlan(), seed=seed)
        for path, seed in ((first, 1), (second, 1), (other, 2))
    ]

    assert first.read_bytes() == second.read_bytes() != other.read_bytes()
    assert expectations[0] == expectations[1] != expectations[2]


def test_command_writes_an_export_of_any_size(tmp_path: Path) -> None:
    path = tmp_path / "team.zip"

    call_command("make_archive", str(path), slack=True, messages=900, channels=3)

    expected = json.loads((tmp_path / "team.zip.expected.json").read_text())
    assert sum(expected["counts"].values()) > 900
    assert expected["left_out"]["tombstone"] == 1
    with zipfile.ZipFile(path) as archive:
        assert {"users.json", "channels.json", "groups.json", "mpims.json"} <= set(
            archive.namelist()
        )
