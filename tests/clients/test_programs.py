"""The example programs of the documentation, each run as it is shown."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract import golden
from tests.live import ROOT

pytestmark = pytest.mark.clients

PROGRAMS = ROOT / "docs/clients"
NODE_MODULES = ROOT / "tests/clients/node_modules"
COMMANDS = {
    "latest.sh": ("bash",),
    "latest.js": ("node",),
    "latest.py": (sys.executable,),
    "latest.php": ("php",),
    "Latest.java": ("java",),
}


def run(name: str, source: str, folder: Path) -> bytes:
    """Return what the program prints."""
    program = folder / name
    program.write_text(source)
    (folder / "node_modules").symlink_to(NODE_MODULES)
    command = [*COMMANDS[name], str(program)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    return done.stdout.rstrip(b"\n")


def source_of(name: str, server_url: str) -> str:
    """Return the program as it is shown, with this server's port."""
    source = (PROGRAMS / name).read_text()
    assert "http://localhost:3000" in source
    return source.replace("http://localhost:3000", server_url)


def test_there_are_no_others() -> None:
    programs = {path.name for path in PROGRAMS.iterdir() if path.is_file()}

    assert programs - {"import_client.py"} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_prints_the_example_result(name: str, server_url: str, tmp_path: Path) -> None:
    printed = run(name, source_of(name, server_url), tmp_path)

    assert json.loads(printed) == json.loads(golden("seed"))


@pytest.mark.parametrize("name", COMMANDS)
def test_prints_the_error_without_the_token(
    name: str, server_url: str, tmp_path: Path
) -> None:
    lines = source_of(name, server_url).splitlines(keepends=True)
    source = "".join(line for line in lines if "X-Auth-Token" not in line)
    assert len(source) < len("".join(lines))

    assert run(name, source, tmp_path) == golden("401")
