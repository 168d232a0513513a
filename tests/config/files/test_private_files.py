"""File permissions of the server's files."""

from __future__ import annotations

import os
from pathlib import Path

from config.files.private_files import keep_private


def test_closes_the_data_folder_and_new_files(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        folder = tmp_path / "data"
        folder.mkdir(mode=0o755)

        keep_private(folder)

        (folder / "file").write_bytes(b"")
        (folder / "inner").mkdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / "file").stat().st_mode & 0o777 == 0o600
        assert (folder / "inner").stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(before)


def test_skips_a_missing_folder(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        keep_private(tmp_path / "missing")
    finally:
        os.umask(before)

    assert not (tmp_path / "missing").exists()
